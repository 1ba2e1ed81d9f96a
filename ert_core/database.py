"""SQLite: documents, passages, vectors, conversations and saved settings; the only truth.

One connection behind one lock, a rollback journal with `synchronous=EXTRA`: what a method returned
from is on the disk, and the end of its journal too (https://www.sqlite.org/pragma.html#pragma_synchronous).
Write-ahead logging is left alone on purpose: SQLite 3.7.0 to 3.51.2 can lose data there when two connections write
(https://www.sqlite.org/wal.html#the_wal_reset_bug). One process writes at a time (`writer_lock`).

`generation` counts the changes to documents; an index built at the same generation is up to date.
A database of an older version is brought forward when it is opened (`migrations`).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ert_core.database_copies import copies
from ert_core.errors import DatabaseError
from ert_core.migrations import migrate, statements
from ert_core.row_checks import SETTING_IS_SOUND, add_functions, damaged_table, without_check
from ert_core.schema import SCHEMA, SCHEMA_VERSION
from ert_core.settings import prepare_home
from ert_core.writer_lock import Writer, WriterLock

DATABASE_FILE = "ert.sqlite3"
BUSY_TIMEOUT_SECONDS = 10.0
_LOOK_SECONDS = 0.05


class Database:
    """The database of one data directory. Thread-safe; raises DatabaseError."""

    def __init__(self, home: Path) -> None:
        self.path = prepare_home(home) / DATABASE_FILE
        self._lock = threading.RLock()
        self._writer = WriterLock(self.path.parent)
        with self._errors():
            self._connection = sqlite3.connect(
                self.path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            self._check_after_a_crash()
            with self._errors():
                self._connection.execute("PRAGMA journal_mode=DELETE")
                self._connection.execute("PRAGMA synchronous=EXTRA")
                self._connection.execute("PRAGMA foreign_keys=ON")
                self._connection.execute("PRAGMA secure_delete=ON")
                add_functions(self._connection)
            self._prepare_schema()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """One write transaction: everything in it is saved, or nothing. Raises DatabaseError, as `write` does."""
        self.write()
        with self._lock, self._errors():
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise

    def other_writer(self) -> Writer | None:
        """Who else writes in this data directory; None: this process does, from now on."""
        return self._writer.take()

    def write(self) -> None:
        """Make sure that this process may write. Raises DatabaseError, which names the one that does."""
        other = self.other_writer()
        if other is not None:
            raise DatabaseError("other_writer", program=other.program, pid=other.pid, since=other.since)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a reading query."""
        with self._lock, self._errors():
            return self._connection.execute(query, values).fetchall()

    def checked_rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """As `rows`, of a query whose last column says whether the row is as it was saved. Raises DatabaseError."""
        found = without_check(self.rows(query, values))
        if found is None:
            raise DatabaseError("row_damaged", path=self.path)
        return found

    def damaged_table(self) -> str | None:
        """The first table with a row that is not as it was saved, all rows read; None when all are."""
        with self._lock, self._errors():
            return damaged_table(self._connection)

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(query, values)
        return found[0][0] if found else None

    def generation(self) -> int:
        """How many times the documents have changed."""
        return int(self.state("generation") or 0)

    def state(self, name: str) -> str | None:
        """A value of the table `state`, None when it has none of this name."""
        rows = self.checked_rows(f"SELECT value, {SETTING_IS_SOUND} FROM state WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def forget_copies(self) -> None:
        """Remove the copies kept before migrations: what is deleted must not live on in them."""
        for copy in copies(self.path):
            try:
                copy.unlink(missing_ok=True)
            except OSError as error:
                raise DatabaseError("database_unusable", path=copy, reason=error.strerror or str(error)) from error

    def close(self) -> None:
        """Close the connection; the database cannot be used afterwards."""
        with self._lock:
            self._connection.close()
        self._writer.release()

    def _check_after_a_crash(self) -> None:
        """A journal was left: it is rolled back by the first to read, unless it was damaged, too.

        Another process that is at work has one as well. The mark stays until a check has found all in order.
        """
        mark = self.path.with_name(f"{DATABASE_FILE}.unchecked")
        left = self.path.with_name(f"{DATABASE_FILE}-journal").exists()
        if not (left or mark.exists()) or self.other_writer() is not None:
            return
        try:
            mark.touch(mode=0o600)
            with self._errors():
                (found,) = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
                if found == "ok" and self._connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                    found = "a row refers to another that is missing"
            if found != "ok":
                raise DatabaseError("database_damaged", path=self.path, reason=found)
            mark.unlink()
        except OSError as error:
            raise DatabaseError("home_unusable", path=self.path.parent, reason=error.strerror or str(error)) from error

    def _prepare_schema(self) -> None:
        version = self._present_version()
        if version > SCHEMA_VERSION:
            raise DatabaseError("database_newer", path=self.path)
        if version == 0:
            with self.transaction() as cursor:
                # Another engine of this process may have made the schema while this one waited.
                if cursor.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for statement in statements(SCHEMA):
                        cursor.execute(statement)
                    cursor.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self.path.chmod(0o600)
        elif version < SCHEMA_VERSION:
            with self._lock, self._errors():
                migrate(self._connection, self.path, SCHEMA_VERSION)

    def _present_version(self) -> int:
        """The version of the schema, read as the writer where it has to change; another may be changing it now."""
        deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
        while True:
            version = int(self.value("PRAGMA user_version"))
            if version >= SCHEMA_VERSION:
                return version
            if self.other_writer() is None:
                return int(self.value("PRAGMA user_version"))  # the writer before may just have changed it
            if time.monotonic() > deadline:
                self.write()
            time.sleep(_LOOK_SECONDS)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "decode" in str(error):  # a text that is none any more
                raise DatabaseError("row_damaged", path=self.path) from error
            code = "database_locked" if "locked" in str(error) else "database_unusable"
            raise DatabaseError(code, path=self.path, reason=str(error)) from error
        except sqlite3.ProgrammingError as error:  # closed
            raise DatabaseError("database_unusable", path=self.path, reason=str(error)) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # "malformed", "file is not a database"
            raise DatabaseError("database_damaged", path=self.path, reason=str(error)) from error


def count_change(cursor: sqlite3.Cursor | sqlite3.Connection, times: int = 1) -> None:
    """Note, inside a transaction, that the documents changed so many times."""
    cursor.execute("UPDATE state SET value = CAST(value AS INTEGER) + ? WHERE name = 'generation'", (times,))
    cursor.execute("UPDATE state SET checksum = checksum(name, value) WHERE name = 'generation'")
