"""Backups and restores beside other programs, killed at any step, and over what is damaged."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.backup import back_up, restore
from ert_core.cli import main
from ert_core.database import DATABASE_FILE
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import DatabaseError
from ert_core.types import Source
from tests.conftest import REPOSITORY, WELL_FR, add, opened
from tests.data_directory import TIDE, files_of, names


def test_the_commands_work_beside_a_program_that_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another process adds a message again and again: the backup is one of its states, whole."""
    home = tmp_path / "home"
    writer = (
        "import sys, itertools, time; from pathlib import Path; from ert_core.database import Database;"
        "from ert_core.conversations import Conversations; from ert_core.types import Message;"
        "c = Conversations(Database(Path(sys.argv[1]))); i = c.start('x'); print(flush=True)\n"
        "for n in itertools.count(): c.add(i, Message('user', str(n))); print(n, flush=True); time.sleep(0.05)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", writer, str(home)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert child.stdout is not None
    lines = child.stdout
    lines.readline()
    saved: list[int] = []
    reader = threading.Thread(target=lambda: saved.extend(int(line) for line in lines))
    reader.start()

    def more() -> int:
        """The last number told, once another one has been."""
        seen = len(saved)
        while len(saved) == seen:
            assert child.poll() is None
            time.sleep(0.01)
        return saved[-1]

    try:
        for n in range(5):
            told = more()
            assert main(["backup", str(tmp_path / f"{n}.backup"), "--home", str(home), "--json"]) == 0
            with closing(sqlite3.connect(tmp_path / f"{n}.backup")) as copy:
                texts = [int(row[0]) for row in copy.execute("SELECT text FROM messages ORDER BY id")]
            assert texts == list(range(len(texts))) and len(texts) > told, "all that was acknowledged before"
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["documents"] == 0
        assert main(["restore", str(tmp_path / "0.backup"), "--home", str(home)]) == 0
        more()  # the writer goes on, in the library restored
    finally:
        child.kill()
        child.wait()
        reader.join()
        lines.close()
    with closing(sqlite3.connect(home / DATABASE_FILE)) as live:
        assert live.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL of POSIX")
def test_a_restore_killed_before_any_of_its_steps_leaves_one_library_or_the_other(
    filled: Assistant, tmp_path: Path, embeddings: SentenceTransformerEmbeddings
) -> None:
    other = opened(tmp_path / "other", embeddings)
    add(other, *(Source(f"{n}.txt", f"{TIDE} Record {n}. {WELL_FR}".encode()) for n in range(3)))
    back_up(other.settings.home, tmp_path / "other.backup")
    other.close()
    back_up(filled.settings.home, tmp_path / "filled.backup")
    before, after = ["combe-noire.md", "harbour-lane.txt"], ["0.txt", "1.txt", "2.txt"]
    found: list[bool] = []
    for moment in range(40):
        home = tmp_path / f"home-{moment}"
        restore(home, tmp_path / "filled.backup")
        command = [sys.executable, "-c", KILLED, str(home), str(tmp_path / "other.backup"), str(moment)]
        ended = subprocess.run(command, cwd=REPOSITORY, check=False).returncode
        again = opened(home, embeddings)
        assert again.database.value("PRAGMA integrity_check") == "ok"
        assert names(again) in (before, after)
        found.append(names(again) == after)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert restore(home, tmp_path / "other.backup")[0] == 3 and names(again) == after
        left = {name for name in files_of(home) if not name.startswith(f"{DATABASE_FILE}.v0")} - {DATABASE_FILE}
        again.library.remove(again.library.store.documents()[0].id)
        assert files_of(home) == [DATABASE_FILE], f"nothing lives on in copies: {left}"
        again.close()
    assert found == sorted(found) and not found[0] and found[-1] and found.count(True) > 1, "up to its write, and after"


# Ends itself before one of the steps of a restore.
KILLED = """
import os, signal, sys
from pathlib import Path
from ert_core import backup as module
from ert_core import database_copies

home, file, moment = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
steps = iter(range(100))

def dying(function):
    def called(*arguments, **named):
        if next(steps) == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    return called

class Connection(module.sqlite3.Connection):
    backup = dying(module.sqlite3.Connection.backup)
    close = dying(module.sqlite3.Connection.close)

connect = module.sqlite3.connect
module.sqlite3.connect = lambda *a, **k: connect(*a, factory=Connection, **k)
module.put_in_place = database_copies.put_in_place = dying(module.put_in_place)
module.restore(home, file)
"""


def test_a_damaged_library_is_no_backup_and_gives_way_to_one(
    filled: Assistant, tmp_path: Path, embeddings: SentenceTransformerEmbeddings
) -> None:
    back_up(filled.settings.home, tmp_path / "good.backup")
    filled.close()
    live = filled.settings.home / DATABASE_FILE
    raw = live.read_bytes()
    live.write_bytes(raw[:8192] + bytes(4096) + raw[12288:])
    with pytest.raises(DatabaseError) as caught:
        back_up(filled.settings.home, tmp_path / "bad.backup")
    assert caught.value.code == "database_damaged" and not list(tmp_path.glob("bad*"))
    documents, kept = restore(filled.settings.home, tmp_path / "good.backup")
    assert documents == 2 and kept is not None and kept.name.endswith(".damaged")
    again = opened(filled.settings.home, embeddings)
    assert names(again) == ["combe-noire.md", "harbour-lane.txt"]
    again.close()


def test_a_stale_journal_is_not_rolled_back_into_what_is_restored(filled: Assistant, tmp_path: Path) -> None:
    back_up(filled.settings.home, tmp_path / "good.backup")
    home = tmp_path / "fresh"
    home.mkdir()
    with closing(sqlite3.connect(tmp_path / "x", isolation_level=None)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("PRAGMA cache_size = 1")
        other.execute("BEGIN")
        other.executemany("INSERT INTO t VALUES (?)", [("x" * 3000,)] * 50)
        shutil.copy(tmp_path / "x-journal", home / f"{DATABASE_FILE}-journal")
    assert restore(home, tmp_path / "good.backup") == (2, None)
    with closing(sqlite3.connect(home / DATABASE_FILE)) as live:
        assert live.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert live.execute("SELECT count(*) FROM documents").fetchone() == (2,)


def test_a_library_that_another_program_holds_is_told(
    filled: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(filled.settings.home, tmp_path / "good.backup")
    monkeypatch.setattr("ert_core.backup.BUSY_TIMEOUT_SECONDS", 0.2)
    with closing(sqlite3.connect(filled.settings.home / DATABASE_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for use in (back_up, restore):
            file = tmp_path / ("new.backup" if use is back_up else "good.backup")
            with pytest.raises(DatabaseError) as caught:
                use(filled.settings.home, file)
            assert caught.value.code == "database_locked"
        other.execute("ROLLBACK")
    assert not (tmp_path / "new.backup").exists() and names(filled) == ["combe-noire.md", "harbour-lane.txt"]
    assert files_of(filled.settings.home) == [DATABASE_FILE]
