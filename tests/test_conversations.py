"""Conversations survive a restart, citations included."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ert_core.conversations import UNDO, Conversations
from ert_core.database import Database
from ert_core.row_checks import OF_MESSAGE
from ert_core.types import Answer, Citation, Message, Passage, Scope, ScoredPassage, Statement

PASSAGE = Passage(3, "d", "Le puits a 48,5 m.", 2, 10, 28)
ANSWER = Answer(
    "Le puits a 48,5 m. [1]",
    "quotes",
    "fr",
    citations=(Citation(1, "d", "puits.pdf", 2, 10, 28, "Le puits a 48,5 m.", True),),
    passages=(ScoredPassage(PASSAGE, "puits.pdf", 0.9, 0.8, 0.7),),
    timings={"total": 0.5},
    statements=(Statement(0, 18, "verified", (1,)), Statement(0, 5, "unverified", (), ((2, 4), (4, 5)))),
)


def test_turns_come_back_in_order_and_whole(tmp_path: Path) -> None:
    database = Database(tmp_path)
    conversations = Conversations(database)
    first = conversations.start("Quelle   profondeur ?")
    other = conversations.start("Autre chose")
    conversations.add(first, Message("user", "Quelle profondeur ?"))
    conversations.add(first, Message("assistant", ANSWER.text, ANSWER))
    database.close()
    again = Conversations(Database(tmp_path))
    assert again.messages(first) == [
        Message("user", "Quelle profondeur ?"),
        Message("assistant", ANSWER.text, replace(ANSWER, passages=())),  # no such passage in this database
    ]
    assert again.messages(other) == []


def test_an_answer_saved_before_statements_were_checked_is_still_read(tmp_path: Path) -> None:
    database = Database(tmp_path)
    conversations = Conversations(database)
    first = conversations.start("Quelle profondeur ?")
    conversations.add(first, Message("assistant", ANSWER.text, ANSWER))
    [(saved,)] = database.rows("SELECT answer FROM messages")
    older = {key: value for key, value in json.loads(saved).items() if key != "statements"}
    with database.transaction() as cursor:
        cursor.execute("UPDATE messages SET answer = ?", (json.dumps(older),))
        cursor.execute(f"UPDATE messages SET checksum = checksum({OF_MESSAGE})")
    [message] = conversations.messages(first)
    assert message.answer == replace(ANSWER, passages=(), statements=())


def test_an_unknown_conversation_is_empty(tmp_path: Path) -> None:
    conversations = Conversations(Database(tmp_path))
    assert not conversations.exists("nowhere")
    assert conversations.messages("nowhere") == []
    assert conversations.exists(conversations.start("x"))


class Clock:
    """A clock that a test sets."""

    now = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def conversations(tmp_path: Path) -> Conversations:
    return Conversations(Database(tmp_path), Clock())


def asked(conversations: Conversations, conversation: str, *texts: str) -> list[int]:
    """Turns of a question and an answer each."""
    ids = []
    for text in texts:
        ids.append(conversations.add(conversation, Message("user", text)))
        ids.append(conversations.add(conversation, Message("assistant", text.upper())))
    return ids


def shown(conversations: Conversations, conversation: str) -> list[str]:
    return [m.text for m in conversations.messages(conversation)]


def test_an_edited_question_begins_a_branch_and_the_other_one_is_kept(conversations: Conversations) -> None:
    one = conversations.start("a")
    ids = asked(conversations, one, "a", "b", "c")
    edited = conversations.add(one, Message("user", "B", parent=ids[1]))
    assert shown(conversations, one) == ["a", "A", "B"]
    assert [m.text for m in conversations.messages(one, before=edited)] == ["a", "A"]
    conversations.add(one, Message("assistant", "answered", parent=edited))
    assert conversations.variants(one) == {ids[2]: [ids[2], edited], edited: [ids[2], edited]}
    conversations.show(one, ids[2])
    assert shown(conversations, one) == ["a", "A", "b", "B", "c", "C"], "with all that followed it"
    conversations.show(one, edited)
    assert shown(conversations, one) == ["a", "A", "B", "answered"]
    first = conversations.add(one, Message("user", "quite another", parent=0))
    assert shown(conversations, one) == ["quite another"], "the first question can be edited, too"
    assert conversations.variants(one)[first] == [ids[0], first]


def test_an_answer_made_again_takes_the_place_of_the_first(conversations: Conversations) -> None:
    one = conversations.start("a")
    question, answer = asked(conversations, one, "a")
    again = conversations.add(one, Message("assistant", "again", parent=question))
    assert shown(conversations, one) == ["a", "again"]
    assert conversations.variants(one) == {answer: [answer, again], again: [answer, again]}


def test_an_answer_does_not_pull_a_person_back_from_another_branch(conversations: Conversations) -> None:
    one = conversations.start("a")
    ids = asked(conversations, one, "a")
    late = conversations.add(one, Message("user", "late", parent=ids[1]))
    conversations.add(one, Message("user", "elsewhere", parent=ids[1]))
    conversations.add(one, Message("assistant", "LATE", parent=late))
    assert shown(conversations, one) == ["a", "A", "elsewhere"]


def test_what_is_asked_before_the_answer_comes_stands_after_it(conversations: Conversations) -> None:
    one = conversations.start("a")
    first = conversations.add(one, Message("user", "a"))
    second = conversations.add(one, Message("user", "b"))
    conversations.add(one, Message("assistant", "A", parent=first))
    assert shown(conversations, one) == ["a", "A", "b"]
    conversations.add(one, Message("assistant", "B", parent=second))
    assert shown(conversations, one) == ["a", "A", "b", "B"] and conversations.variants(one) == {}


def test_a_question_taken_back_leaves_what_was_shown_before(conversations: Conversations) -> None:
    one = conversations.start("a")
    ids = asked(conversations, one, "a", "b")
    for parent in (ids[1], 0):
        conversations.take_back(conversations.add(one, Message("user", "full queue", parent=parent)))
        assert shown(conversations, one) == ["a", "A", "b", "B"]
    conversations.take_back(12345)


def test_the_list_has_the_last_used_first_and_can_be_searched(conversations: Conversations) -> None:
    first, second, third = (conversations.start(title) for title in ("Le forage", "The lease", "Réunion"))
    asked(conversations, first, "Quelle est la portance ?")
    asked(conversations, second, "Who signs?")
    asked(conversations, first, "Et la profondeur ?")
    assert [c.id for c in conversations.listed()] == [first, second, third]
    assert [c.id for c in conversations.listed("PORTANCÉ")] == [first]
    assert [c.id for c in conversations.listed("reunion")] == [third]
    assert conversations.listed("nowhere") == []


def test_a_name_can_be_changed_and_an_empty_one_changes_nothing(conversations: Conversations) -> None:
    one = conversations.start("a")
    conversations.rename(one, "  Forage \n F2 ")
    conversations.rename(one, " ")
    assert [c.title for c in conversations.listed()] == ["Forage F2"]


def test_a_deleted_conversation_comes_back_for_a_while_and_then_is_gone(tmp_path: Path) -> None:
    database, clock = Database(tmp_path), Clock()
    conversations = Conversations(database, clock)
    one, other = conversations.start("a"), conversations.start("b")
    asked(conversations, one, "a word to find")
    conversations.delete(one)
    assert [c.id for c in conversations.listed()] == [other] and not conversations.exists(one)
    assert conversations.listed("word to find") == []
    conversations.purge()
    conversations.restore(one)
    assert conversations.exists(one) and shown(conversations, one) == ["a word to find", "A WORD TO FIND"]
    conversations.delete(one)
    clock.now += UNDO + timedelta(seconds=1)
    conversations.purge()
    conversations.restore(one)
    assert not conversations.exists(one)
    assert database.value("SELECT count(*) FROM messages") == 0
    assert b"a word to find" not in (tmp_path / "ert.sqlite3").read_bytes()


def test_a_conversation_of_a_thousand_turns_can_be_removed(tmp_path: Path) -> None:
    database, clock = Database(tmp_path), Clock()
    conversations = Conversations(database, clock)
    one = conversations.start("a")
    asked(conversations, one, "first")
    with database.transaction() as cursor:
        after = (
            "INSERT INTO messages (conversation_id, role, text, parent) VALUES (?, 'user', 'x', last_insert_rowid())"
        )
        for _ in range(1200):
            cursor.execute(after, (one,))
    conversations.delete(one)
    clock.now += UNDO + timedelta(seconds=1)
    conversations.purge()
    assert database.value("SELECT count(*) FROM messages") == 0


def test_a_conversation_that_the_disk_has_changed_does_not_hide_the_others(tmp_path: Path) -> None:
    database = Database(tmp_path)
    conversations = Conversations(database)
    one, other = conversations.start("a"), conversations.start("b")
    with database.transaction() as cursor:
        cursor.execute("UPDATE conversations SET title = 'changed' WHERE id = ?", (one,))
    assert [c.id for c in conversations.listed()] == [other]
    assert database.damaged_table() == "conversations"


def test_a_rating_and_a_word_are_kept(conversations: Conversations) -> None:
    one = conversations.start("a")
    _, answer = asked(conversations, one, "a")
    conversations.rate(answer, -1)
    conversations.comment(answer, "  beside the point ")
    assert [(m.rating, m.comment) for m in conversations.messages(one)] == [(None, None), (-1, "beside the point")]
    conversations.rate(answer, None)
    conversations.comment(answer, " ")
    message = conversations.message(answer)
    assert message is not None and (message.rating, message.comment) == (None, None)
    assert conversations.message(12345) is None


def test_the_scope_of_a_question_is_kept(conversations: Conversations) -> None:
    one = conversations.start("a")
    scope = Scope(3, ("d1", "d2"), only=False)
    conversations.add(one, Message("user", "a", scope=scope))
    assert conversations.messages(one)[0].scope == scope
