"""A library as one file, and back: documents, vectors, conversations and saved settings. ERT may be running meanwhile.

Both ways go through SQLite's online backup (https://www.sqlite.org/backup.html): it copies one committed state, and
what it writes into a database in use is one transaction, rolled back after a crash.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ert_core.database import BUSY_TIMEOUT_SECONDS, DATABASE_FILE, count_change
from ert_core.database_copies import (
    COPY_SUFFIX,
    DAMAGED_SUFFIX,
    RESTORED_SUFFIX,
    copies,
    copy_database,
    save_copy,
)
from ert_core.durable_files import create_private, private_part, put_in_place, sync
from ert_core.errors import DatabaseError
from ert_core.migrations import migrate
from ert_core.row_checks import add_functions, damaged_table
from ert_core.schema import SCHEMA_VERSION
from ert_core.settings import prepare_home

_SIDE_FILES = ("-journal", "-wal", "-shm")
_TABLES = {"documents", "contents", "passages", "vectors", "conversations", "messages", "settings", "state"}


def back_up(home: Path, file: Path) -> int:
    """Copy the library of `home` to `file`, which must not be there yet; the documents in it. Raises DatabaseError.

    It is copied within `home` first: on a slow disk the copy would keep ERT from saving.
    """
    source = home / DATABASE_FILE
    copied: list[Path] = []
    try:
        if not source.is_file():
            raise DatabaseError("library_missing", path=home)
        if file.exists():
            raise DatabaseError("backup_exists", path=file)
        copied += [private_part(source), private_part(file)]
        with _told(source), closing(_opened(source)) as library, closing(sqlite3.connect(copied[0])) as copy:
            copy_database(library, copy, BUSY_TIMEOUT_SECONDS)
            _check(copy, source)
            documents = int(copy.execute("SELECT count(*) FROM documents").fetchone()[0])
        shutil.copyfile(copied[0], copied[1])
        put_in_place(copied[1], file)
    except OSError as error:
        raise DatabaseError("backup_unwritable", path=file, reason=error.strerror or str(error)) from error
    finally:
        _remove(*copied)
    return documents


def is_damaged(backup: Path) -> bool:
    """Whether a row of a backup made by this version is not as it was saved. Raises DatabaseError."""
    with _told(backup), closing(_opened(backup, "ro")) as connection:
        return damaged_table(connection) is not None


def restore(home: Path, file: Path) -> tuple[int, Path | None]:
    """Make the backup `file` the library of `home`: (documents in it, where the library before is kept, if any).

    The backup is checked before anything changes; one of an older ERT is brought forward. Raises DatabaseError.
    """
    live = prepare_home(home) / DATABASE_FILE
    part = live.with_name(live.name + RESTORED_SUFFIX)
    try:
        if not file.is_file():
            raise DatabaseError("path_missing", path=file)
        create_private(part)
        with closing(sqlite3.connect(part, isolation_level=None)) as copy:
            with _told(file), closing(_opened(file, "ro")) as backup:
                _check(backup, file)
                copy_database(backup, copy, BUSY_TIMEOUT_SECONDS)
            with _told(live):
                migrate(copy, part, SCHEMA_VERSION)
            documents = int(copy.execute("SELECT count(*) FROM documents").fetchone()[0])
            with _told(live):
                kept = _write_into(live, copy) if live.exists() and _is_sound(live) else None
        if kept is None:
            kept = _take_the_place(live, part)
    except OSError as error:
        raise DatabaseError("home_unusable", path=home, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            _remove(part, *copies(part))
    return documents, kept


def _write_into(live: Path, copy: sqlite3.Connection) -> Path:
    """Replace what the database `live` holds; where that is kept.

    The lock is held from before the library is copied until it is replaced: nothing can be saved in between.
    """
    with closing(_opened(live)) as target:
        target.execute("PRAGMA synchronous=EXTRA")
        target.execute("PRAGMA locking_mode=EXCLUSIVE")
        target.execute("BEGIN EXCLUSIVE")
        target.execute("COMMIT")
        kept = save_copy(target, _free_name(live, f"{COPY_SUFFIX}0"))
        _follow_on(target, copy)
        copy_database(copy, target)
    return kept


def _follow_on(target: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    """Make `copy` a later state of `target` to an ERT that runs: documents have changed, ids of passages are new."""
    (generation,) = target.execute("SELECT value FROM state WHERE name = 'generation'").fetchone()
    last = max(_last_passage(target), _last_passage(copy))
    copy.execute("PRAGMA foreign_keys=OFF")
    copy.execute("BEGIN")
    add_functions(copy)
    count_change(copy, int(generation) + 1)
    copy.execute("UPDATE vectors SET passage_id = passage_id + ?", (last,))
    copy.execute("UPDATE passages SET id = id + ?", (last,))
    copy.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'passages'", (last,))
    copy.execute("COMMIT")


def _last_passage(connection: sqlite3.Connection) -> int:
    """The highest id that a passage has ever had."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
    return int(row[0]) if row else 0


def _take_the_place(live: Path, part: Path) -> Path | None:
    """Make `part` the database where there is none that could be written into; where a damaged one is kept."""
    kept = None
    if live.exists():
        kept = _free_name(live, DAMAGED_SUFFIX)
        shutil.copyfile(live, create_private(kept))
        sync(kept)
    # The journal of another database would be rolled back into this one.
    for suffix in _SIDE_FILES:
        journal = live.with_name(live.name + suffix)
        if journal.exists() and kept is not None:
            journal.replace(kept.with_name(kept.name + suffix))
        journal.unlink(missing_ok=True)
    put_in_place(part, live)
    return kept


def _is_sound(live: Path) -> bool:
    """Whether a database can be read and written into. Raises sqlite3.OperationalError when that cannot be told now."""
    try:
        with closing(_opened(live)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                return False
            int(connection.execute("SELECT value FROM state WHERE name = 'generation'").fetchone()[0])
            return True
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return False
        raise
    except (sqlite3.DatabaseError, TypeError, ValueError):
        return False


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what is no library, is damaged, or comes from a newer ERT."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if version > SCHEMA_VERSION:
        raise DatabaseError("database_newer", path=path)
    if version < 1 or not tables >= _TABLES - ({"vectors"} if version == 1 else set()):
        raise DatabaseError("backup_foreign", path=path)
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise DatabaseError("database_damaged", path=path, reason=found)


def _opened(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """A database that is there. One that a crash left needs "rw": its journal is rolled back by the first to read."""
    address = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)


def _free_name(live: Path, suffix: str) -> Path:
    """A name beside `live` that no file has: what an earlier restore kept stays."""
    number, name = 0, live.with_name(live.name + suffix)
    while name.exists():
        number += 1
        name = live.with_name(f"{live.name}{suffix}-{number}")
    return name


def _remove(*files: Path) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's errors as sentences on `path`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):  # SQLite does not say which file: the copies stand in the data directory
            raise DatabaseError("home_unusable", path=path.parent, reason=str(error)) from error
        code = "database_locked" if "locked" in str(error) else "database_unusable"
        raise DatabaseError(code, path=path, reason=str(error)) from error
    except UnicodeDecodeError as error:  # of SQLite's own words about a damaged schema
        raise DatabaseError("database_damaged", path=path, reason="schema") from error
    except sqlite3.DatabaseError as error:  # "file is not a database", "malformed"
        code = "backup_foreign" if "not a database" in str(error) else "database_damaged"
        raise DatabaseError(code, path=path, reason=str(error)) from error
