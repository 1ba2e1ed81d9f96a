"""What a disk has changed: noticed when it is read, made again where it can be, and in nobody's way where it cannot."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.assistant import Assistant
from ert_core.backup import back_up, is_damaged, restore
from ert_core.cli import main
from ert_core.database import DATABASE_FILE
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import DatabaseError
from ert_core.row_checks import checksum
from ert_core.types import Message, Source
from tests.conftest import SURVEY_EN, add, opened

QUESTION = "Quelle est la profondeur du forage F2 ?"
NO_TEXT = "CAST(x'41ff42' AS TEXT)"


def change(ert: Assistant, statement: str) -> None:
    """What a disk does: the row has another content, and the checksum it had."""
    with closing(sqlite3.connect(ert.database.path)) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def found(ert: Assistant) -> list[tuple[str, str]]:
    return [(p.document_name, p.passage.text) for p in ert.search(QUESTION).passages]


@given(st.lists(st.one_of(st.none(), st.integers(), st.text(), st.binary()), min_size=1), st.data())
def test_a_bit_that_changes_changes_the_checksum(values: list[object], data: st.DataObject) -> None:
    chosen = data.draw(st.integers(0, len(values) - 1))
    value = values[chosen]
    content = bytearray(value if isinstance(value, bytes) else str(value).encode())
    if content:
        bit = data.draw(st.integers(0, 8 * len(content) - 1))
        content[bit // 8] ^= 1 << bit % 8
        changed: list[object] = [*values[:chosen], bytes(content), *values[chosen + 1 :]]
        assert checksum(*changed) != checksum(*values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vectors SET vector = zeroblob(length(vector))",
        "UPDATE vectors SET sentences = x''",
        "UPDATE passages SET text = replace(text, '4', '5')",
        f"UPDATE passages SET words = {NO_TEXT} WHERE id = 1",
        "UPDATE passages SET document_id = 'x' || document_id WHERE id = 1",
    ],
)
def test_what_can_be_made_again_is(filled: Assistant, statement: str) -> None:
    expected = found(filled)
    change(filled, f"PRAGMA foreign_keys=OFF; {statement}" if ";" in statement else statement)
    filled.library.index._snapshot = None  # as after a start
    assert filled.database.damaged_table() in ("passages", "vectors")
    assert found(filled) == expected and filled.database.damaged_table() is None
    assert filled.database.value("PRAGMA foreign_key_check") is None


def test_what_cannot_be_made_again_is_told_each_time_and_nothing_is_deleted(filled: Assistant) -> None:
    passages = filled.database.value("SELECT count(*) FROM passages")
    change(filled, "UPDATE documents SET text = 'z' || substr(text, 2)")
    change(filled, "UPDATE vectors SET vector = x''")
    filled.library.index._snapshot = None
    for _ in range(2):
        with pytest.raises(DatabaseError) as caught:
            filled.search(QUESTION)
        assert caught.value.code == "row_damaged" and "restore" in caught.value.remedy
    assert filled.database.value("SELECT count(*) FROM passages") == passages


def test_a_model_that_is_gone_makes_no_passage_disappear(filled: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    change(filled, "UPDATE vectors SET vector = x''")
    filled.library.index._snapshot = None
    monkeypatch.setattr(filled.embedders, "current", lambda active: (_ for _ in ()).throw(OSError("no model")))
    vectors = filled.database.value("SELECT count(*) FROM vectors")
    with pytest.raises(OSError, match="no model"):
        filled.search(QUESTION)
    assert filled.database.value("SELECT count(*) FROM vectors") == vectors
    monkeypatch.undo()
    assert "48,5 m" in found(filled)[0][1]


@pytest.mark.parametrize("name", ["'autre.md'", NO_TEXT])
def test_a_damaged_document_is_listed_as_such_and_can_be_deleted_and_added_again(filled: Assistant, name: str) -> None:
    change(filled, f"UPDATE documents SET name = {name} WHERE name = 'harbour-lane.txt'")
    filled.library.index._snapshot = None
    damaged, sound = filled.library.store.documents()
    assert damaged.damaged and not sound.damaged and sound.name == "combe-noire.md"
    with pytest.raises(DatabaseError, match="damaged"):
        filled.search(QUESTION)
    assert filled.library.remove(damaged.id)
    assert "48,5 m" in found(filled)[0][1]
    assert add(filled, Source("harbour-lane.txt", SURVEY_EN.encode()))[0].status == "added"


def test_the_file_of_a_document_and_a_turn_are_checked(filled: Assistant) -> None:
    conversation = filled.conversations.start("?")
    filled.conversations.add(conversation, Message("user", "Quelle profondeur ?"))
    document = filled.library.store.documents()[0].id
    change(filled, "UPDATE contents SET content = content || x'00'")
    change(filled, "UPDATE messages SET text = 'Quelle longueur ?'")
    for read in (lambda: filled.library.store.content(document), lambda: filled.conversations.messages(conversation)):
        with pytest.raises(DatabaseError) as caught:
            read()
        assert caught.value.code == "row_damaged"


def test_a_damaged_setting_is_its_default_again(
    filled: Assistant, embeddings: SentenceTransformerEmbeddings, caplog: pytest.LogCaptureFixture
) -> None:
    filled.change_settings(passages=7, threads=3)
    change(filled, "UPDATE settings SET value = '9' WHERE name = 'passages'")
    again = opened(filled.settings.home, embeddings)
    assert (again.settings.passages, again.settings.threads) == (5, 3)
    again.close()
    assert "setting" in caplog.text


def test_doctor_and_backup_tell_of_damage(
    filled: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = str(filled.settings.home)
    back_up(filled.settings.home, tmp_path / "good.backup")
    assert not is_damaged(tmp_path / "good.backup") and main(["doctor", "--home", home]) == 0
    conversation = filled.conversations.start("?")
    filled.conversations.add(conversation, Message("user", "Quelle profondeur ?"))
    change(filled, "UPDATE messages SET text = 'Quelle longueur ?'")
    capsys.readouterr()
    assert main(["doctor", "--home", home]) == 1
    assert "messages" in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "later.backup"), "--home", home]) == 0
    assert "older" in capsys.readouterr().err and is_damaged(tmp_path / "later.backup")
    assert restore(tmp_path / "elsewhere", tmp_path / "later.backup")[0] == 2, "the rest is not lost"


def test_a_crash_whose_check_has_failed_is_checked_again(
    filled: Assistant, embeddings: SentenceTransformerEmbeddings
) -> None:
    home = filled.settings.home
    filled.close()
    content = (home / DATABASE_FILE).read_bytes()
    page = int.from_bytes(content[16:18], "big")
    (home / DATABASE_FILE).write_bytes(content[: 3 * page] + bytes(page) + content[4 * page :])
    (home / f"{DATABASE_FILE}-journal").write_bytes(b"")
    for _ in range(2):
        with pytest.raises(DatabaseError) as caught:
            opened(home, embeddings)
        assert caught.value.code == "database_damaged" and "restore" in caught.value.remedy
        (home / f"{DATABASE_FILE}-journal").unlink(missing_ok=True)
    (home / DATABASE_FILE).write_bytes(content)
    opened(home, embeddings).close()
    assert not (home / f"{DATABASE_FILE}.unchecked").exists()


def test_a_document_whose_text_is_damaged_keeps_no_other_from_being_read_again(filled: Assistant) -> None:
    with filled.database.transaction() as cursor:
        cursor.execute("UPDATE documents SET analysis = 1")
        cursor.execute(
            "UPDATE documents SET checksum ="
            " checksum(id, name, media_type, language, size, characters, added_at, sequence, analysis)"
        )
    change(filled, "UPDATE documents SET text = 'z' || substr(text, 2) WHERE name = 'harbour-lane.txt'")
    import threading

    with pytest.raises(DatabaseError, match="damaged"):
        list(filled.reindexing.run(threading.Event()))
    assert [passages for _, passages in filled.library.store.outdated()] and len(filled.library.store.outdated()) == 1
