"""A library as one file, and back: documents, vectors, conversations and saved settings. ERT may be running meanwhile.

Both ways go through SQLite's online backup (https://www.sqlite.org/backup.html): it copies one committed state, and
what it writes into a database in use is one transaction, rolled back after a crash.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ert_core.database import BUSY_TIMEOUT_SECONDS, DATABASE_FILE, SCHEMA_VERSION
from ert_core.durable_files import create_private, put_in_place, sync
from ert_core.errors import DatabaseError
from ert_core.migrations import copies, keep_copy, migrate
from ert_core.settings import prepare_home

# The version that a copy kept before restoring is named after, where the database has none.
_BEFORE_RESTORING = 0
_SIDE_FILES = ("-journal", "-wal", "-shm")
_TABLES = {"documents", "contents", "passages", "conversations", "messages", "settings", "state"}


def back_up(home: Path, file: Path) -> int:
    """Copy the library of `home` to `file`, which must not be there yet; the documents in it. Raises DatabaseError."""
    source = home / DATABASE_FILE
    if not source.is_file():
        raise DatabaseError("library_missing", path=home)
    if file.exists():
        raise DatabaseError("backup_exists", path=file)
    part = file.with_name(f"{file.name}.part")
    try:
        create_private(part)
        with _told(source), closing(_opened(source)) as library, closing(sqlite3.connect(part)) as copy:
            library.backup(copy)
            _check(copy, source)
            documents = int(copy.execute("SELECT count(*) FROM documents").fetchone()[0])
        put_in_place(part, file)
    except OSError as error:
        raise DatabaseError("backup_unwritable", path=file, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return documents


def restore(home: Path, file: Path) -> tuple[int, Path | None]:
    """Make the backup `file` the library of `home`: (documents in it, where the library before is kept, if any).

    The backup is checked before anything changes; one of an older ERT is brought forward. Raises DatabaseError.
    """
    if not file.is_file():
        raise DatabaseError("path_missing", path=file)
    live = prepare_home(home) / DATABASE_FILE
    part = live.with_name(f"{live.name}.restored")
    try:
        create_private(part)
        with _told(file), closing(_opened(file, "ro")) as backup, closing(sqlite3.connect(part)) as copy:
            _check(backup, file)
            backup.backup(copy)
        with _told(file), closing(sqlite3.connect(part, isolation_level=None)) as copy:
            migrate(copy, part, SCHEMA_VERSION)
            documents = int(copy.execute("SELECT count(*) FROM documents").fetchone()[0])
        kept = _replace(live, part)
    except OSError as error:
        raise DatabaseError("home_unusable", path=home, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            for left in (part, *copies(part)):
                left.unlink(missing_ok=True)
    return documents, kept


def _replace(live: Path, part: Path) -> Path | None:
    """Put the checked copy `part` in the place of the database `live`; where that one is kept."""
    generation = 0
    if not live.exists():
        kept = None
        for suffix in _SIDE_FILES:
            live.with_name(live.name + suffix).unlink(missing_ok=True)
    elif (generation := _generation(live)) < 0:  # no database any more: nothing can be written into it
        kept = live.with_name(f"{live.name}.damaged")
        live.replace(kept)
        # The journal of another database would be rolled back into the new one.
        for suffix in _SIDE_FILES:
            with suppress(FileNotFoundError):
                live.with_name(live.name + suffix).replace(kept.with_name(kept.name + suffix))
    else:
        with _told(live):
            kept = keep_copy(live, _BEFORE_RESTORING)
    with _told(part), closing(sqlite3.connect(part)) as copy, copy:
        # An ERT that runs sees another generation, of another edition: passages with ids that it knows are others.
        copy.execute(
            "UPDATE state SET value = CAST(value AS INTEGER) + ? WHERE name = 'generation'", (max(0, generation) + 1,)
        )
        copy.execute("INSERT OR REPLACE INTO state VALUES ('edition', ?)", (uuid.uuid4().hex,))
    if live.exists():
        with _told(live), closing(sqlite3.connect(part)) as copy, closing(sqlite3.connect(live)) as target:
            target.execute("PRAGMA synchronous=FULL")
            copy.backup(target)
        sync(live)
    else:
        put_in_place(part, live)
    return kept


def _generation(live: Path) -> int:
    """How many times the documents of a database have changed; -1 when it cannot be read."""
    try:
        with closing(_opened(live)) as connection:
            if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                return -1
            return int(connection.execute("SELECT value FROM state WHERE name = 'generation'").fetchone()[0])
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise DatabaseError("database_locked", path=live) from error
        return -1
    except (sqlite3.DatabaseError, TypeError, ValueError):
        return -1


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what is no library, is damaged, or comes from a newer ERT."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if version < 1 or not tables >= _TABLES:
        raise DatabaseError("backup_foreign", path=path)
    if version > SCHEMA_VERSION:
        raise DatabaseError("database_newer", path=path)
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise DatabaseError("database_damaged", path=path, reason=found)


def _opened(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """A database that is there. One that a crash left needs "rw": its journal is rolled back by the first to read."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_SECONDS)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's errors as sentences on `path`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = "database_locked" if "locked" in str(error) else "database_unusable"
        raise DatabaseError(code, path=path, reason=str(error)) from error
    except sqlite3.DatabaseError as error:  # "file is not a database", "malformed"
        code = "backup_foreign" if "not a database" in str(error) else "database_damaged"
        raise DatabaseError(code, path=path, reason=str(error)) from error
