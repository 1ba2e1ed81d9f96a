"""Bytes of a file -> pages of text. Each file is parsed in a child process that is limited in memory,
time and output, has no network, and is gone afterwards, so that no file can take ERT down.

A new format is one module here with `parse(content, request)`, and its suffixes in `formats.py`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ert_core.loaders.formats import FAMILY_OF_SUFFIX, SUPPORTED_SUFFIXES
    from ert_core.loaders.limits import Limits
    from ert_core.loaders.loading import load
    from ert_core.loaders.process import LoadingCancelled

__all__ = ["FAMILY_OF_SUFFIX", "SUPPORTED_SUFFIXES", "Limits", "LoadingCancelled", "load"]

# Imported when asked for: the child of every file imports this package, and needs nothing of the parent's side.
_MODULES = {
    "FAMILY_OF_SUFFIX": "formats",
    "SUPPORTED_SUFFIXES": "formats",
    "Limits": "limits",
    "LoadingCancelled": "process",
    "load": "loading",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
