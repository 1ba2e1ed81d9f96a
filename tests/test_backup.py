"""A library as one file and back, while ERT runs, from older and damaged ones."""

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
from ert_core.database import DATABASE_FILE, SCHEMA_VERSION
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import DatabaseError
from ert_core.types import Message, Source
from ert_core.writer_lock import LOCK_FILE, WRITER_FILE
from tests.conftest import REPOSITORY, SURVEY_EN, WELL_FR, add, opened

TIDE = "The tide gauge of Port Brannan recorded a surge of 1.9 m. Its datum is the lowest astronomical tide."


def files_of(home: Path) -> list[str]:
    """The files of a data directory, but those that say who writes in it."""
    return sorted(p.name for p in home.iterdir() if p.name not in (LOCK_FILE, WRITER_FILE))


def names(ert: Assistant) -> list[str]:
    return sorted(d.name for d in ert.library.store.documents())


def test_a_backup_brings_everything_back_on_another_machine(
    filled: Assistant, tmp_path: Path, embeddings: SentenceTransformerEmbeddings
) -> None:
    conversation = filled.conversations.start("Quelle profondeur ?")
    filled.conversations.add(conversation, Message("user", "Quelle profondeur ?"))
    filled.change_settings(passages=7)
    asked = filled.search("Quelle est la profondeur du forage F2 ?")
    assert back_up(filled.settings.home, tmp_path / "one.backup") == 2
    assert (tmp_path / "one.backup").stat().st_mode & 0o077 == 0
    documents, kept = restore(tmp_path / "elsewhere", tmp_path / "one.backup")
    assert (documents, kept) == (2, None)
    again = opened(tmp_path / "elsewhere", embeddings)
    assert names(again) == names(filled) and again.settings.passages == 7
    assert [m.text for m in again.conversations.messages(conversation)] == ["Quelle profondeur ?"]
    found = again.search("Quelle est la profondeur du forage F2 ?")
    assert [p.passage.text for p in found.passages] == [p.passage.text for p in asked.passages]
    again.close()
    left = {p.name for p in (tmp_path / "elsewhere").iterdir()}
    assert not {name for name in left if "part" in name or "restored" in name}


def test_an_engine_that_runs_answers_from_the_restored_library(
    filled: Assistant, tmp_path: Path, embeddings: SentenceTransformerEmbeddings
) -> None:
    """Its passages have the ids that other passages had a moment ago."""
    other = opened(tmp_path / "other", embeddings)
    add(other, Source("survey.txt", SURVEY_EN.encode()), Source("tide.txt", TIDE.encode()))
    back_up(other.settings.home, tmp_path / "other.backup")
    other.close()
    assert "48,5 m" in filled.search("profondeur du forage F2 ?").passages[0].passage.text
    before = filled.library.index.snapshot().ids.tolist()
    _, kept = restore(filled.settings.home, tmp_path / "other.backup")
    assert names(filled) == ["survey.txt", "tide.txt"]
    ids = filled.library.index.snapshot().ids.tolist()
    assert sorted(ids) == sorted(filled.library.store.passage_ids()) and not set(ids) & set(before), "used only once"
    found = filled.search("What surge did the tide gauge of Port Brannan record?")
    assert found.passages[0].passage.text == TIDE
    assert "72 electrodes" in filled.search("How many electrodes?").passages[0].passage.text
    assert add(filled, Source("combe-noire.md", WELL_FR.encode()))[0].status == "added"
    assert "48,5 m" in filled.search("profondeur du forage F2 ?").passages[0].passage.text
    # What was there before is kept, is a library itself, and stays when another one is restored.
    assert kept is not None and restore(tmp_path / "third", kept)[0] == 2
    _, second = restore(filled.settings.home, tmp_path / "other.backup")
    assert second not in (None, kept) and restore(filled.settings.home, kept)[0] == 2
    assert names(filled) == ["combe-noire.md", "harbour-lane.txt"]
    assert "48,5 m" in filled.search("profondeur du forage F2 ?").passages[0].passage.text
    filled.library.remove(filled.library.store.documents()[0].id)
    assert not kept.exists(), "what is deleted must not live on in copies"


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


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "backup_foreign"),
        (b"a text, no database" * 300, "backup_foreign"),
        ("foreign", "backup_foreign"),
        ("newer", "database_newer"),
        ("cut", "database_damaged"),
        ("flipped", "database_damaged"),
    ],
)
def test_what_is_no_backup_is_refused_and_changes_nothing(
    filled: Assistant, tmp_path: Path, content: bytes | str, code: str
) -> None:
    file = tmp_path / "given"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content == "foreign":
        with closing(sqlite3.connect(file)) as foreign, foreign:
            foreign.execute("CREATE TABLE documents (id)")
    else:
        back_up(filled.settings.home, file)
        if content == "newer":
            with closing(sqlite3.connect(file)) as newer, newer:
                newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        else:
            raw = bytearray(file.read_bytes())
            raw = raw[: len(raw) // 2] if content == "cut" else raw[:8192] + bytes(4096) + raw[12288:]
            file.write_bytes(raw)
    with pytest.raises(DatabaseError) as caught:
        restore(filled.settings.home, file)
    assert caught.value.code == code
    assert names(filled) == ["combe-noire.md", "harbour-lane.txt"]
    assert files_of(filled.settings.home) == [DATABASE_FILE]


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


def test_a_backup_never_replaces_a_file_and_says_what_is_missing(filled: Assistant, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DatabaseError) as caught:
        back_up(filled.settings.home, tmp_path / "mine.txt")
    assert caught.value.code == "backup_exists" and (tmp_path / "mine.txt").read_text() == "mine"
    with pytest.raises(DatabaseError) as caught:
        back_up(filled.settings.home, tmp_path / "none" / "file")
    assert caught.value.code == "backup_unwritable"
    with pytest.raises(DatabaseError) as caught:
        back_up(tmp_path / "nobody", tmp_path / "file")
    assert caught.value.code == "library_missing" and not (tmp_path / "nobody").exists()
    for use in (back_up, restore):
        with pytest.raises(DatabaseError):
            use(filled.settings.home, tmp_path / ("x" * 300))
    (tmp_path / "mine.txt.part").write_text("a download")
    back_up(filled.settings.home, tmp_path / "mine.txt.backup")
    assert {p.name for p in tmp_path.iterdir() if "mine" in p.name} == {"mine.txt", "mine.txt.part", "mine.txt.backup"}


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


@pytest.mark.parametrize(("language", "words"), [("fr", "existe déjà"), ("en", "already there")])
def test_the_commands_say_it_in_both_languages(
    filled: Assistant,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    words: str,
) -> None:
    monkeypatch.setenv("ERT_LANGUAGE", language)
    home = str(filled.settings.home)
    assert main(["backup", str(tmp_path / "b"), "--home", home]) == 0
    assert "2 document(s)" in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "b"), "--home", home]) == 1
    assert words in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "b"), "--home", home]) == 0
    assert f"{DATABASE_FILE}.v0" in capsys.readouterr().out
