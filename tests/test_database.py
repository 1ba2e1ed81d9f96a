"""SQLite as the only truth: transactions, schema, errors in sentences."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ert_core.database import DATABASE_FILE, Database, count_change
from ert_core.errors import DatabaseError


def test_a_transaction_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with pytest.raises(ZeroDivisionError), database.transaction() as cursor:
        count_change(cursor)
        raise ZeroDivisionError
    assert database.generation() == 0
    with database.transaction() as cursor:
        count_change(cursor)
    database.close()
    assert Database(tmp_path).generation() == 1


def test_the_journal_mode_is_the_safe_one(tmp_path: Path) -> None:
    database = Database(tmp_path)
    assert database.value("PRAGMA journal_mode") == "delete"
    assert database.value("PRAGMA synchronous") == 3, "EXTRA: the folder, too, after the journal has gone"
    assert database.value("PRAGMA foreign_keys") == 1


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    Database(tmp_path)
    assert (tmp_path / DATABASE_FILE).stat().st_mode & 0o077 == 0


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    Database(tmp_path).close()
    connection = sqlite3.connect(tmp_path / DATABASE_FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (tmp_path / DATABASE_FILE).read_bytes()
    with pytest.raises(DatabaseError, match="newer"):
        Database(tmp_path)
    assert (tmp_path / DATABASE_FILE).read_bytes() == before


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(DatabaseError) as caught:
        Database(tmp_path)
    assert "restore" in caught.value.remedy


def test_a_locked_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ert_core.database.BUSY_TIMEOUT_SECONDS", 0.05)
    database = Database(tmp_path)
    other = sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseError, match="in use"), database.transaction():
        pass
    other.execute("ROLLBACK")
    other.close()
    with database.transaction() as cursor:
        count_change(cursor)
    assert database.generation() == 1


def test_threads_share_one_database(tmp_path: Path) -> None:
    database = Database(tmp_path)

    def work() -> None:
        for _ in range(20):
            with database.transaction() as cursor:
                count_change(cursor)
            database.generation()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.generation() == 80


def test_two_processes_make_the_schema_once(tmp_path: Path) -> None:
    script = f"from pathlib import Path; from ert_core.database import Database; Database(Path({str(tmp_path)!r}))"
    processes = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) for _ in range(3)]
    errors = [p.communicate()[1] for p in processes]
    assert [p.returncode for p in processes] == [0, 0, 0], errors
    assert Database(tmp_path).generation() == 0
