"""Models in the standard Hugging Face cache: which are there, where, and how to remove them. No network."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ert_core.errors import LanguageModelError
from ert_core.model_folder import TOKENIZER_FILES, weight_files

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def is_hub_id(model: str) -> bool:
    """Whether `model` is written like a Hugging Face id, "owner/name"."""
    return HUB_ID.fullmatch(model) is not None and ".." not in model


def resolve(model: str | Path) -> Path:
    """The folder of `model`: itself, or the cached snapshot of an id.

    Raises LanguageModelError: `model_not_downloaded` for an id that is not cached whole,
    `model_folder_missing` for anything else.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if not is_hub_id(str(model)):
        raise LanguageModelError("model_folder_missing", path=model)
    snapshot = _snapshot(str(model))
    if snapshot is None:
        raise LanguageModelError("model_not_downloaded", model=model)
    return snapshot


def is_cached(model_id: str) -> bool:
    """Whether the model is in the local cache, every part of it. No network."""
    return is_hub_id(model_id) and _snapshot(model_id) is not None


def delete(model_id: str) -> int:
    """Remove a model, and any partial download, from the cache; the bytes freed (0 when it was not there)."""
    freed = bytes_on_disk(model_id)
    folder = repository_folder(model_id)
    if folder.is_dir():
        shutil.rmtree(folder)
        shutil.rmtree(folder.parent / ".locks" / folder.name, ignore_errors=True)
    return freed


def bytes_on_disk(model_id: str) -> int:
    """What a model takes in the cache, any partial download included; 0 when nothing of it is there."""
    folder = repository_folder(model_id)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _snapshot(model_id: str) -> Path | None:
    """The cached snapshot of the default branch, when it holds all that loading needs."""
    repository = repository_folder(model_id)
    try:
        commit = (repository / "refs" / "main").read_text(encoding="utf-8").strip()
        folder = repository / "snapshots" / commit
        weight_files(folder)
    except (OSError, LanguageModelError):  # absent, or cut before its end: not cached
        return None
    has_tokenizer = any((folder / name).is_file() for name in TOKENIZER_FILES)
    return folder if commit and has_tokenizer and (folder / "config.json").is_file() else None


def repository_folder(model_id: str) -> Path:
    if not is_hub_id(model_id):
        raise LanguageModelError("download_id", model=model_id)
    return cache_folder() / f"models--{model_id.replace('/', '--')}"


def cache_folder() -> Path:
    """The cache that HF_HUB_CACHE or HF_HOME name, else the standard one (read once, by huggingface_hub)."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)
