"""Passages and questions -> unit vectors, with sentence-transformers. A LangChain `Embeddings`.

Which models there are, and under what names, stands in `embedding_catalogue`. The weights of the
packaged all-MiniLM-L6-v2 are checked against the published SHA-256 before they are loaded. Some
models were trained with words before each text ("query: ", "passage: "): questions and passages
therefore have methods of their own. Import this module lazily: it brings in langchain-core.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from ert_core.cpu_budget import pause
from ert_core.cpu_precision import embedding_dtype
from ert_core.devices import choose_device
from ert_core.embedding_catalogue import MAX_LENGTH, MINILM, MINILM_SHA256, choose, packaged_folder
from ert_core.errors import EmbeddingModelError
from ert_core.model_errors import first_line
from ert_core.pacing import Units, limit_threads, pace

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import SentenceTransformer

    from ert_core.settings import Settings

# The names that sentence-transformers models give their own prompts.
_QUESTION_PROMPTS = ("query", "question")
_PASSAGE_PROMPTS = ("document", "passage", "corpus")
# Characters of a text that fills what a model reads.
LONG_TEXT = 1000


class SentenceTransformerEmbeddings(Embeddings):
    """Embeddings of one model, loaded at first use, once, behind one lock.

    `model` is a name of the catalogue, a folder or a cached Hugging Face id; empty means the default.
    A folder without `modules.json` is read as a transformer whose word vectors are averaged. Weights of
    any type are held and computed with as `dtype`. Nothing is downloaded here. Raises
    EmbeddingModelError when the model cannot be used.
    """

    def __init__(
        self,
        model: str = "",
        *,
        device: str = "cpu",
        dtype: str = "float32",
        batch_size: int = 8,
        threads: int = 4,
        interop_threads: int = 2,
    ) -> None:
        self._choice = choose(model)
        self.name = self._choice.name
        self.batch_size = batch_size
        self.threads = (threads, interop_threads)
        self._device = device
        self._dtype = dtype
        self._model: SentenceTransformer | None = None
        # Fast tokenizers are not thread-safe: one call at a time.
        self._lock = threading.RLock()

    @classmethod
    def from_settings(cls, settings: Settings) -> SentenceTransformerEmbeddings:
        """The embeddings that the settings name, not loaded yet."""
        device = choose_device(settings.gpu)
        return cls(
            settings.embedding_model,
            device=device,
            dtype=embedding_dtype(device, settings.home),
            batch_size=settings.embedding_batch_size,
            threads=settings.threads,
            interop_threads=settings.interop_threads,
        )

    @property
    def bilingual(self) -> bool:
        """Whether a question in one language is known to meet passages in the other."""
        return self._choice.bilingual

    @property
    def loaded(self) -> bool:
        """Whether the weights are in memory."""
        return self._model is not None

    def move_to(self, device: str) -> None:
        """Move to "cpu" or "cuda"; a model that is not loaded will load there."""
        with self._lock:
            self._device = device
            if self._model is not None:
                self._model.to(device)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Unit vectors of passages, one list of floats a text."""
        vectors: list[list[float]] = self.encode_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a question."""
        vector: list[float] = self.encode_question(text).tolist()
        return vector

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of passages to be found, float32, shape (len(texts), dimension)."""
        return self._encode_passages(texts)

    def encode_question(self, text: str) -> np.ndarray:
        """The unit vector of a question, float32, shape (dimension,)."""
        with self._lock:
            entry = self._choice.entry
            vectors = self._encode([text], (entry.question if entry else "") or self._own_prompt(_QUESTION_PROMPTS))
        vector: np.ndarray = vectors[0]
        return vector

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of texts to compare with one another, float32, shape (len(texts), dimension)."""
        return self._encode(texts, self._choice.entry.symmetric if self._choice.entry else "")

    def encode_in_batches(
        self, texts: Sequence[str], cancelled: threading.Event | None = None
    ) -> Iterator[tuple[list[int], np.ndarray]]:
        """(positions in `texts`, their vectors as passages) batch by batch, so that progress and a stop can act.

        Texts of like length go together, so that little time is spent on padding; of short ones more go
        into a batch, up to the characters of `batch_size` long ones, or to what the CPU budget has room for.
        A pause for the budget ends when `cancelled` is set.
        """
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        units = Units()
        full = self.batch_size * LONG_TEXT
        while order:
            fitting = max(1, LONG_TEXT // max(len(texts[order[0]]), LONG_TEXT // 16))
            size = max(1, self.batch_size * fitting * units.begin(full, cancelled) // full)
            positions, order = order[:size], order[size:]
            yield positions, self._encode_passages([texts[i] for i in positions], size)

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        with self._lock:
            return int(self._load().get_embedding_dimension() or 0)

    def load(self) -> None:
        """Bring the weights into memory now. Raises EmbeddingModelError."""
        with self._lock:
            self._load()

    def _encode_passages(self, texts: Sequence[str], batch_size: int | None = None) -> np.ndarray:
        with self._lock:
            entry = self._choice.entry
            prompt = (entry.passage if entry else "") or self._own_prompt(_PASSAGE_PROMPTS)
            return self._encode(texts, prompt, batch_size)

    def _encode(self, texts: Sequence[str], prompt: str, batch_size: int | None = None) -> np.ndarray:
        import numpy as np
        import torch

        with self._lock, torch.inference_mode():
            model = self._load()
            limit_threads(*self.threads)
            if not texts:
                return np.zeros((0, self.dimension), dtype=np.float32)
            options: dict[str, Any] = {"prompt": prompt} if prompt else {}
            vectors: np.ndarray = model.encode(
                list(texts),
                batch_size=batch_size or self.batch_size,
                show_progress_bar=False,
                convert_to_numpy=True,
                normalize_embeddings=True,
                **options,
            )
        vectors = vectors.astype(np.float32, copy=False)
        # In bfloat16, unit length is rounded away.
        unit: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
        return unit

    def _own_prompt(self, names: Sequence[str]) -> str:
        """The words that the model's own configuration puts before such a text."""
        prompts = self._load().prompts
        return next((prompts[name] for name in names if prompts.get(name)), "")

    def _load(self) -> SentenceTransformer:
        if self._model is None:
            pause()
            folder = self._choice.folder
            if self.name == MINILM:
                check_minilm(folder)
            whole = (folder / "modules.json").is_file()
            entry = self._choice.entry
            try:
                from sentence_transformers import SentenceTransformer

                model = SentenceTransformer(
                    str(folder),
                    device=self._device,
                    local_files_only=True,
                    trust_remote_code=False,
                    # Read, not mapped: a file that is replaced under a mapping ends the process (SIGBUS).
                    model_kwargs={"use_safetensors": True, "dtype": self._dtype, "disable_mmap": True},
                )
                if not whole:  # else the model's own files tell its length
                    model.max_seq_length = min(
                        model.max_seq_length or MAX_LENGTH, entry.max_length if entry else MAX_LENGTH
                    )
            except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
                reason = first_line(error)
                raise EmbeddingModelError("embedding_model_unusable", model=self.name, reason=reason) from error
            pace(model)
            self._model = model
        return self._model


def packaged_minilm() -> Path:
    """The folder of the packaged MiniLM, its weights checked. Raises EmbeddingModelError."""
    return check_minilm(packaged_folder())


def check_minilm(folder: Path) -> Path:
    """`folder`, when its weights are the published ones. Raises EmbeddingModelError."""
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise EmbeddingModelError("embedding_model_missing", path=folder)
    digest = hashlib.sha256()
    with weights.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != MINILM_SHA256:
        raise EmbeddingModelError("embedding_model_changed", path=weights)
    return folder
