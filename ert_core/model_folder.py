"""What a model's folder holds, read without loading it: configuration, files, headers of the weights.

Layout: Hugging Face's (config.json, tokenizer files, *.safetensors). Format of the weights:
https://huggingface.co/docs/safetensors (8 bytes of length, a JSON header, the numbers).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ert_core.errors import LanguageModelError

INDEX_FILE = "model.safetensors.index.json"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
PICKLE_SUFFIXES = {".bin", ".pt", ".pth", ".ckpt", ".pkl"}
# The limit of the format's own reader.
MAX_HEADER_BYTES = 100_000_000
DTYPE_NAMES = {"F64": "float64", "F32": "float32", "BF16": "bfloat16", "F16": "float16"}


@dataclass(frozen=True)
class TensorHeader:
    """One tensor of a safetensors file. `dtype` is torch's name, or the file's when torch's differs."""

    dtype: str
    shape: tuple[int, ...]
    size: int  # bytes in the file

    @property
    def numbers(self) -> int:
        """How many numbers the tensor holds."""
        return math.prod(self.shape)


def check_folder(folder: Path) -> None:
    """Raise LanguageModelError unless `folder` holds a chat model in safe files, all of it."""
    if not folder.is_dir():
        raise LanguageModelError("model_folder_missing", path=folder)
    read_config(folder)
    tensor_headers(folder)
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise LanguageModelError("model_no_tokenizer", path=folder)


def read_config(folder: Path) -> dict[str, Any]:
    """config.json. Raises LanguageModelError when it is missing or broken."""
    path = folder / "config.json"
    if not path.is_file():
        raise LanguageModelError("model_no_config", path=folder)
    return _read_json(path)


def text_config(config: dict[str, Any]) -> dict[str, Any]:
    """The part of a configuration that describes the language model (itself, but in multimodal models)."""
    nested = config.get("text_config")
    return nested if isinstance(nested, dict) else config


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of the model: those of the index, or the only ones there are.

    Raises LanguageModelError when there are none, only pickled ones, or when a part is missing.
    """
    index = folder / INDEX_FILE
    if index.is_file():
        parts = _read_json(index).get("weight_map")
        names = sorted(set(parts.values())) if isinstance(parts, dict) else []
        # An index is a file like any other: it may not lead out of the folder.
        if not names or any(not isinstance(n, str) or Path(n).name != n for n in names):
            raise LanguageModelError("model_damaged", file=index, reason="weight_map")
    elif (folder / "model.safetensors").is_file():
        names = ["model.safetensors"]
    else:
        names = sorted(path.name for path in folder.glob("*.safetensors"))
    for name in names:
        if not (folder / name).is_file():
            raise LanguageModelError("model_part_missing", path=folder, file=name)
    if not names:
        pickled = any(path.suffix in PICKLE_SUFFIXES for path in folder.iterdir())
        raise LanguageModelError("model_pickle_only" if pickled else "model_no_weights", path=folder)
    return [folder / name for name in names]


def tensor_headers(folder: Path) -> dict[str, TensorHeader]:
    """Every tensor of the model by name, from the files' headers. Raises LanguageModelError."""
    headers: dict[str, TensorHeader] = {}
    for path in weight_files(folder):
        headers.update(read_header(path))
    return headers


def read_header(path: Path) -> dict[str, TensorHeader]:
    """The tensors of one safetensors file; LanguageModelError when the file is not whole."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
            raise LanguageModelError("model_damaged", file=path, reason="header")
        try:
            entries = json.loads(file.read(length))
            headers = {
                name: TensorHeader(
                    DTYPE_NAMES.get(entry["dtype"], entry["dtype"]),
                    tuple(entry["shape"]),
                    entry["data_offsets"][1] - entry["data_offsets"][0],
                )
                for name, entry in entries.items()
                if name != "__metadata__"
            }
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise LanguageModelError("model_damaged", file=path, reason="header") from error
    expected = 8 + length + sum(header.size for header in headers.values())
    if size != expected:
        raise LanguageModelError("model_damaged", file=path, reason=f"{size} / {expected}")
    return headers


def stored_dtype(headers: dict[str, TensorHeader]) -> str:
    """The data type that most of the weights are stored in."""
    numbers: Counter[str] = Counter()
    for header in headers.values():
        numbers[header.dtype] += header.numbers
    return numbers.most_common(1)[0][0] if numbers else "float32"


def has_tied_head(config: dict[str, Any], headers: dict[str, TensorHeader]) -> bool:
    """Whether the file repeats the input embedding as output layer although the model shares the two."""
    return bool(text_config(config).get("tie_word_embeddings") and "lm_head.weight" in headers)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LanguageModelError("model_damaged", file=path, reason=str(error)) from error
    if not isinstance(content, dict):
        raise LanguageModelError("model_damaged", file=path, reason="JSON")
    return content
