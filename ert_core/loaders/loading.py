"""The parent's side of reading a file: how large and of which format it is, then a child process."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ert_core.errors import FileTooLargeError
from ert_core.loaders.formats import recognise
from ert_core.loaders.limits import Limits
from ert_core.loaders.process import run_child
from ert_core.types import LoadedDocument

_MEGABYTE = 10**6
_DEFAULT_LIMITS = Limits()


def load(
    name: str,
    content: bytes,
    *,
    password: str | None = None,
    limits: Limits = _DEFAULT_LIMITS,
    cancelled: threading.Event | None = None,
    busy: Callable[[], bool] = lambda: False,
) -> LoadedDocument:
    """The text of a file, page by page; a document without text gives pages with empty text.

    `name` tells the format by its suffix and is never used as a path. PDF pages, slides, sheets and
    EPUB chapters are numbered from 1; the other formats give one page whose number is None. The text is
    NFC, its lines end in "\\n", and it holds no control or bidirectional override characters.

    Raises UnknownFormatError, DamagedFileError, EncryptedFileError (also for a wrong `password`),
    FileTooLargeError or LoaderLimitError, and nothing else, whatever the file holds; LoadingCancelled
    once `cancelled` is set. While `busy()`, parsing is held, as it is for the CPU budget.
    """
    if len(content) > limits.file_bytes:
        size, limit = -(-len(content) // _MEGABYTE), limits.file_bytes // _MEGABYTE
        raise FileTooLargeError("file_too_large", name=name, size=size, limit=limit)
    family = recognise(name, content)
    return run_child(name, content, family, password=password, limits=limits, cancelled=cancelled, busy=busy)
