"""Fetching a model, of language or of embeddings, into the standard Hugging Face cache; resumed when cut.

huggingface_hub 2.4 throws a partial file away when a transfer ends badly, so the bytes are fetched
here: resumed from the partial file after a cut, a cancel or a crash, and checked against the
repository's own SHA-256. huggingface_hub then lays the finished files out in its cache. No token is
sent, no use is reported, and only safetensors, configuration and tokenizer files are taken.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ert_core.errors import LanguageModelError, ModelDownloadError
from ert_core.model_cache import cache_folder, delete, is_cached, is_hub_id, repository_folder, resolve

__all__ = ["delete", "download", "is_cached", "is_hub_id", "resolve"]

ALLOWED = [
    "*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "generation_config.json",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template*",
    "LICENSE*",
    # What sentence-transformers lays out around the transformer: "1_Pooling/config.json" and the like.
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "[0-9]_*/config.json",
]
# Other formats in subfolders (onnx/, openvino/), and a second copy of the weights that some repositories keep.
IGNORED = ["[!0-9]*/*", "consolidated*"]
BLOCK_BYTES = 1 << 18
RETRIES = 5
# Seconds: between two tries, and without a byte until a connection counts as lost.
RETRY_WAIT = 1.0
TIMEOUT = 10.0
# Disk space that a download leaves free.
SPARE_DISK_BYTES = 200_000_000
# In place of huggingface_hub's own, which lists installed packages.
HEADERS = {"user-agent": "ert", "accept-encoding": "identity"}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _RemoteFile:
    name: str
    size: int
    blob: str  # the cache's name for the content: SHA-256, or git's SHA-1 for small files
    sha256: bool


def download(
    model_id: str,
    *,
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
    endpoint: str | None = None,
) -> Path:
    """Fetch a model into the cache and return its folder; at once when it is there already.

    `progress` is told (bytes present, bytes in all), resumed bytes included. Setting `cancelled` stops
    within a block and keeps what has arrived. `endpoint` defaults to HF_ENDPOINT, else the public hub.
    Raises ModelDownloadError.
    """
    if not is_hub_id(model_id):
        raise ModelDownloadError("download_id", model=model_id)
    if is_cached(model_id):
        return resolve(model_id)
    cancelled = cancelled or threading.Event()
    with _download_errors(model_id):
        files = _list_files(model_id, endpoint)
        blobs = repository_folder(model_id) / "blobs"
        blobs.mkdir(parents=True, exist_ok=True)
        total = sum(file.size for file in files)
        present = {file.blob: _present_bytes(blobs, file) for file in files}
        _check_disk(blobs, total - sum(present.values()))

        def report(file: _RemoteFile, done: int) -> None:
            present[file.blob] = done
            if progress is not None:
                progress(sum(present.values()), total)

        for file in files:
            _fetch(model_id, file, blobs, endpoint, lambda done, file=file: report(file, done), cancelled)  # type: ignore[misc]
        return _lay_out(model_id, endpoint)


def _list_files(model_id: str, endpoint: str | None) -> list[_RemoteFile]:
    from huggingface_hub import HfApi
    from huggingface_hub.utils import filter_repo_objects  # type: ignore[attr-defined]

    api = HfApi(endpoint=endpoint, token=False, headers=HEADERS)
    info = api.model_info(model_id, files_metadata=True, timeout=TIMEOUT)
    siblings = {file.rfilename: file for file in info.siblings or []}
    files: dict[str, _RemoteFile] = {}
    for name in filter_repo_objects(sorted(siblings), allow_patterns=ALLOWED, ignore_patterns=IGNORED):
        file = siblings[name]
        blob = file.lfs.sha256 if file.lfs else file.blob_id
        size = file.lfs.size if file.lfs else file.size
        if blob is None or size is None or not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", blob):
            raise ModelDownloadError("download_failed", model=model_id, reason=name)
        files.setdefault(blob, _RemoteFile(name, size, blob, file.lfs is not None))
    if not any(file.name.endswith(".safetensors") for file in files.values()):
        raise ModelDownloadError("download_no_weights", model=model_id)
    return list(files.values())


def _fetch(
    model_id: str,
    file: _RemoteFile,
    blobs: Path,
    endpoint: str | None,
    report: Callable[[int], None],
    cancelled: threading.Event,
) -> None:
    """Bring one file into `blobs`, from where an earlier try stopped."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

    finished, partial = blobs / file.blob, blobs / f"{file.blob}.incomplete"
    # Another process may be fetching the same file.
    with WeakFileLock(blobs / f"{file.blob}.ert.lock"):
        if not finished.exists():
            if partial.exists() and partial.stat().st_size > file.size:
                partial.unlink()
            _stream(hf_hub_url(model_id, file.name, endpoint=endpoint), file, partial, report, cancelled)
            _verify(model_id, file, partial, cancelled)
            partial.replace(finished)
    (blobs / f"{file.blob}.ert.lock").unlink(missing_ok=True)
    report(file.size)


def _stream(
    url: str, file: _RemoteFile, partial: Path, report: Callable[[int], None], cancelled: threading.Event
) -> None:
    import httpx2
    from huggingface_hub.utils import get_session, hf_raise_for_status  # type: ignore[attr-defined]

    partial.touch()
    done, tries = partial.stat().st_size, 0
    while done < file.size:
        _stop_when(cancelled)
        before = done
        try:
            headers = {**HEADERS, "range": f"bytes={done}-"}
            with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT) as response:
                hf_raise_for_status(response)
                # 200 instead of 206: the server starts from the first byte again.
                done = done if response.status_code == 206 else 0
                with partial.open("ab" if done else "wb") as target:
                    for block in response.iter_bytes(BLOCK_BYTES):
                        _stop_when(cancelled)
                        target.write(block)
                        done += len(block)
                        report(min(done, file.size))
            failure: Exception | None = None
        except httpx2.TransportError as error:  # cut, reset, timed out, refused
            failure = error
        done = partial.stat().st_size
        if done >= file.size:
            return
        tries = 0 if done > before else tries + 1
        if tries > RETRIES:
            raise failure or OSError(f"{file.name}: {done} / {file.size}")
        # A cut after some bytes is taken up at once; a server that gives nothing is given time.
        if tries and cancelled.wait(RETRY_WAIT):
            _stop_when(cancelled)


def _verify(model_id: str, file: _RemoteFile, partial: Path, cancelled: threading.Event) -> None:
    """Compare the content with the name that the repository gave it; throw it away when it differs."""
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    with partial.open("rb") as content:
        while block := content.read(1 << 20):
            _stop_when(cancelled)
            digest.update(block)
    if digest.hexdigest() != file.blob:
        partial.unlink()
        raise ModelDownloadError("download_corrupt", model=model_id, file=file.name)


def _lay_out(model_id: str, endpoint: str | None) -> Path:
    """Let huggingface_hub link the finished files into a snapshot of its cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]

    class NoBar(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call]

    folder = snapshot_download(
        model_id,
        cache_dir=cache_folder(),
        endpoint=endpoint,
        token=False,
        headers=HEADERS,
        allow_patterns=ALLOWED,
        ignore_patterns=IGNORED,
        max_workers=1,
        tqdm_class=NoBar,
    )
    return Path(folder)


def _present_bytes(blobs: Path, file: _RemoteFile) -> int:
    if (blobs / file.blob).exists():
        return file.size
    partial = blobs / f"{file.blob}.incomplete"
    return min(partial.stat().st_size, file.size) if partial.exists() else 0


def _check_disk(folder: Path, missing: int) -> None:
    free = shutil.disk_usage(folder).free
    if missing + SPARE_DISK_BYTES > free:
        raise ModelDownloadError("download_disk", need=missing / 1e9, free=free / 1e9, path=folder)


def _stop_when(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise ModelDownloadError("download_cancelled")


@contextmanager
def _download_errors(model_id: str) -> Iterator[None]:
    """Turn what huggingface_hub raises into a ModelDownloadError."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except LanguageModelError:
        raise
    except errors.GatedRepoError as error:
        raise ModelDownloadError("download_gated", model=model_id) from error
    except errors.RepositoryNotFoundError as error:
        raise ModelDownloadError("download_not_found", model=model_id) from error
    except errors.HfHubHTTPError as error:
        status: Any = getattr(error.response, "status_code", "?")
        raise ModelDownloadError("download_failed", model=model_id, reason=f"HTTP {status}") from error
    except (httpx2.TransportError, errors.OfflineModeIsEnabled, errors.LocalEntryNotFoundError) as error:
        raise ModelDownloadError("download_offline", model=model_id) from error
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise ModelDownloadError("download_disk", need=0.0, free=0.0, path=cache_folder()) from error
        raise ModelDownloadError("download_failed", model=model_id, reason=str(error).split("\n")[0]) from error
