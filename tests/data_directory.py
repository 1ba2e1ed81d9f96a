"""What a data directory and its library hold."""

from __future__ import annotations

from pathlib import Path

from ert_core.assistant import Assistant
from ert_core.writer_lock import LOCK_FILE, WRITER_FILE

TIDE = "The tide gauge of Port Brannan recorded a surge of 1.9 m. Its datum is the lowest astronomical tide."


def files_of(home: Path) -> list[str]:
    """The files of a data directory, but those that say who writes in it."""
    return sorted(p.name for p in home.iterdir() if p.name not in (LOCK_FILE, WRITER_FILE))


def names(ert: Assistant) -> list[str]:
    """The names of the documents of the library."""
    return sorted(d.name for d in ert.library.store.documents())
