"""A library as one file and back; what is no backup is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ert_core.assistant import Assistant
from ert_core.backup import back_up, restore
from ert_core.cli import main
from ert_core.database import DATABASE_FILE
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import DatabaseError
from ert_core.schema import SCHEMA_VERSION
from ert_core.types import Message, Source
from tests.conftest import SURVEY_EN, WELL_FR, add, opened
from tests.data_directory import TIDE, files_of, names


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
    assert "2 documents" in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "b"), "--home", home]) == 1
    assert words in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "b"), "--home", home]) == 0
    assert f"{DATABASE_FILE}.v0" in capsys.readouterr().out
