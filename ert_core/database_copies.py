"""Whole copies of a database: made through SQLite, kept beside it, and known so that they can be forgotten."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from ert_core.durable_files import PART_SUFFIX, private_part, put_in_place

# Before the version of the schema that a kept copy has, or "0" before a restore.
COPY_SUFFIX = ".v"
DAMAGED_SUFFIX = ".damaged"
RESTORED_SUFFIX = ".restored"
LOCKED_SECONDS = 10.0
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) if hasattr(sqlite3, "SQLITE_BUSY") else (5, 6)


def copy_database(source: sqlite3.Connection, target: sqlite3.Connection, seconds: float = LOCKED_SECONDS) -> None:
    """Copy what is committed in `source` over `target`. Raises sqlite3.DatabaseError.

    Python waits for ever for a database that is locked: this gives up after `seconds`, as other waits do.
    """
    began = time.monotonic()

    def give_up(status: int, remaining: int, total: int) -> None:
        if status in _LOCKED and time.monotonic() - began > seconds:
            raise sqlite3.OperationalError("database is locked")

    source.backup(target, progress=give_up)


def save_copy(source: sqlite3.Connection, place: Path) -> Path:
    """Copy `source` to the file `place`, for its owner alone, whole or not at all; what was there is replaced.

    It goes through SQLite: opening and closing the file otherwise would give up the locks of this process.
    Raises OSError, sqlite3.DatabaseError.
    """
    part = private_part(place)
    try:
        with closing(sqlite3.connect(part)) as target:
            copy_database(source, target)
        put_in_place(part, place)
    finally:
        part.unlink(missing_ok=True)
    return place


def copies(path: Path) -> list[Path]:
    """The copies of the database at `path` that migrations and restores have kept, and what a crash in one left."""
    patterns = (f"{COPY_SUFFIX}[0-9]*", f"{DAMAGED_SUFFIX}*", f"{RESTORED_SUFFIX}*", f".*{PART_SUFFIX}")
    return sorted(copy for pattern in patterns for copy in path.parent.glob(path.name + pattern))
