"""Conversations survive a restart, citations included."""

import json
from dataclasses import replace
from pathlib import Path

from ert_core.conversations import Conversations
from ert_core.database import Database
from ert_core.row_checks import OF_MESSAGE
from ert_core.types import Answer, Citation, Message, Passage, ScoredPassage, Statement

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
