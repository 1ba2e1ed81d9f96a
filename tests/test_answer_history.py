"""The last answers: of all conversations, the newest first, with their figures, whatever became of some rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ert_core.answer_history import QUESTION_CHARACTERS, AnswerHistory, PastAnswer, tokens_per_second
from ert_core.conversations import Conversations
from ert_core.database import Database
from ert_core.row_checks import OF_MESSAGE
from ert_core.types import Answer, Citation, Message

QUOTE = Citation(1, "d", "puits.pdf", 2, 10, 28, "Le puits a 48,5 m.", True)
WRITTEN = Answer(
    "Le puits a 48,5 m. [1]",
    "written",
    "fr",
    citations=(QUOTE,),
    verified_share=0.75,
    timings={"search": 0.1, "first_token": 1.5, "total": 11.5},
    cpu_mean=41.0,
    cpu_peak=49.0,
    cpu_budget=50.0,
    memory_mb=1234.0,
    new_tokens=120,
)
REFUSAL = Answer("Rien.", "quotes", "fr", refused=True, finish_reason="refused", timings={"total": 0.2})


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path)


def asked(database: Database, question: str, answer: Answer) -> str:
    """A conversation with one question and its answer; returns its id."""
    conversations = Conversations(database)
    conversation_id = conversations.start(question)
    conversations.add(conversation_id, Message("user", question))
    conversations.add(conversation_id, Message("assistant", answer.text, answer))
    return conversation_id


def test_an_answer_is_told_with_its_question_and_its_figures(database: Database) -> None:
    history = AnswerHistory(database)
    assert history.last() == [] and history.newest() == 0
    conversation = asked(database, "Quelle profondeur ?", WRITTEN)
    (row,) = history.last()
    assert (row.conversation_id, row.title, row.question) == (
        conversation,
        "Quelle profondeur ?",
        "Quelle profondeur ?",
    )
    assert (row.mode, row.finish_reason, row.damaged) == ("written", "stop", False)
    assert (row.first_token, row.total, row.tokens_per_second) == (1.5, 11.5, 12.0)
    assert (row.cpu_mean, row.cpu_peak, row.cpu_budget, row.memory_mb) == (41.0, 49.0, 50.0, 1234.0)
    assert row.verified_share == 0.75 and row.at is not None and row.at.tzinfo is not None
    assert history.newest() > 0


def test_what_does_not_apply_is_none(database: Database) -> None:
    asked(database, "Qui ?", REFUSAL)
    (row,) = AnswerHistory(database).last()
    assert (row.finish_reason, row.total) == ("refused", 0.2)
    assert row.first_token is row.tokens_per_second is row.verified_share is row.cpu_mean is None
    assert tokens_per_second(0, {"total": 3.0}) is None and tokens_per_second(9, {}) is None
    assert tokens_per_second(30, {"total": 3.0}) == 10.0


def test_the_newest_of_all_conversations_come_first_and_no_more_than_wanted(database: Database) -> None:
    history = AnswerHistory(database)
    first = asked(database, "Un ?", WRITTEN)
    second = asked(database, "Deux ?", REFUSAL)
    before = history.newest()
    Conversations(database).add(first, Message("user", "Trois " + "et encore " * 40))
    assert history.newest() == before, "a question is no answer"
    Conversations(database).add(first, Message("assistant", "Oui.", REFUSAL))
    rows = history.last()
    assert [row.conversation_id for row in rows] == [first, second, first]
    assert rows[0].question is not None and rows[0].question.endswith("…")
    assert len(rows[0].question) == QUESTION_CHARACTERS
    assert [row.conversation_id for row in history.last(2)] == [first, second]
    assert history.newest() > before


def test_an_answer_asked_for_anyway_stands_beside_its_question(database: Database) -> None:
    conversation = asked(database, "Qui a peint la Joconde ?", REFUSAL)
    Conversations(database).add(conversation, Message("assistant", WRITTEN.text, WRITTEN))
    assert [row.question for row in AnswerHistory(database).last()] == ["Qui a peint la Joconde ?"] * 2


def test_deleted_conversations_are_left_out_until_they_come_back(database: Database) -> None:
    history, conversations = AnswerHistory(database), Conversations(database)
    kept, deleted = asked(database, "Un ?", WRITTEN), asked(database, "Deux ?", WRITTEN)
    conversations.delete(deleted)
    assert [row.conversation_id for row in history.last()] == [kept]
    conversations.restore(deleted)
    assert [row.conversation_id for row in history.last()] == [deleted, kept]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE messages SET answer = replace(answer, '11.5', '91.5') WHERE id = 2",
        "UPDATE messages SET answer = CAST(x'7bff00' AS TEXT) WHERE id = 2",
        "UPDATE messages SET created_at = 'yesterday' WHERE id = 2",
    ],
)
def test_a_damaged_answer_is_said_to_be_and_the_others_are_told(database: Database, damage: str) -> None:
    first, second = asked(database, "Un ?", WRITTEN), asked(database, "Deux ?", WRITTEN)
    with database.transaction() as cursor:
        cursor.execute(damage)
    sound, damaged = AnswerHistory(database).last()
    assert sound.conversation_id == second and sound.total == 11.5
    assert damaged == PastAnswer(first, "Un ?", "Un ?", None, damaged=True)


def test_a_damaged_question_or_title_is_left_out(database: Database) -> None:
    asked(database, "Un ?", WRITTEN)
    with database.transaction() as cursor:
        cursor.execute("UPDATE messages SET text = 'Deux ?' WHERE id = 1")
        cursor.execute("UPDATE conversations SET title = CAST(x'ff' AS TEXT)")
    (row,) = AnswerHistory(database).last()
    assert row.title is row.question is None and row.total == 11.5


def test_an_answer_of_an_older_ert_has_fewer_figures(database: Database) -> None:
    asked(database, "Un ?", WRITTEN)
    old = json.dumps({"text": "Oui.", "mode": "quotes", "timings": {"total": 1.0}})
    with database.transaction() as cursor:
        cursor.execute("UPDATE messages SET created_at = NULL, answer = ? WHERE id = 2", (old,))
        cursor.execute(f"UPDATE messages SET checksum = checksum({OF_MESSAGE}) WHERE id = 2")
    (row,) = AnswerHistory(database).last()
    assert (row.damaged, row.at, row.total, row.mode, row.cpu_budget) == (False, None, 1.0, "quotes", None)
