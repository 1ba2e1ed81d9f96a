"""Conversations in the database: every turn is saved before it is shown as done."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

from ert_core.database import Database
from ert_core.row_checks import MESSAGE_IS_SOUND, OF_MESSAGE, PASSAGE_IS_SOUND, TEXT_IS_SOUND
from ert_core.sources import encodable
from ert_core.types import Answer, Citation, Message, Passage, ScoredPassage, Statement

TITLE_CHARACTERS = 80


class Conversations:
    """The conversations of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, question: str) -> str:
        """A new conversation, named after its first question; returns its id."""
        conversation_id = uuid.uuid4().hex
        title = " ".join(encodable(question).split())[:TITLE_CHARACTERS]
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        with self._database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO conversations VALUES (?1, ?2, ?3, checksum(?1, ?2, ?3))", (conversation_id, title, now)
            )
        return conversation_id

    def exists(self, conversation_id: str) -> bool:
        """Whether there is a conversation with this id."""
        return self._database.value("SELECT 1 FROM conversations WHERE id = ?", (conversation_id,)) is not None

    def add(self, conversation_id: str, message: Message) -> int:
        """Save one turn; returns its id."""
        answer = None if message.answer is None else _answer_to_json(message.answer)
        with self._database.transaction() as cursor:
            cursor.execute(
                f"INSERT INTO messages ({OF_MESSAGE}, checksum) VALUES (?1, ?2, ?3, ?4, checksum(?1, ?2, ?3, ?4))",
                (conversation_id, message.role, message.text, answer),
            )
            return int(cursor.lastrowid or 0)

    def take_back(self, message_id: int) -> None:
        """Remove a turn that could not be dealt with."""
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM messages WHERE id = ?", (message_id,))

    def messages(self, conversation_id: str) -> list[Message]:
        """The turns of a conversation, in order; none when it does not exist."""
        rows = self._database.checked_rows(
            f"SELECT role, text, answer, {MESSAGE_IS_SOUND} FROM messages WHERE conversation_id = ? ORDER BY id",
            (conversation_id,),
        )
        return [Message(role, text, self._answer_from_json(answer) if answer else None) for role, text, answer in rows]

    def _answer_from_json(self, text: str) -> Answer:
        """A saved answer, its passages read again; those of deleted documents are left out."""
        data: dict[str, Any] = json.loads(text)
        data["passages"] = self._passages(data["passages"])
        # Answers saved before prompts kept the passages of earlier turns have none.
        data["earlier_passages"] = self._passages(data.get("earlier_passages", ()))
        data["citations"] = tuple(Citation(**c) for c in data["citations"])
        # Answers saved before statements were checked have none.
        data["statements"] = tuple(_statement(s) for s in data.get("statements", ()))
        return Answer(**data)

    def _passages(self, saved: Sequence[dict[str, Any]]) -> tuple[ScoredPassage, ...]:
        ids = [p["passage"]["id"] for p in saved]
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, text, {PASSAGE_IS_SOUND} FROM passages WHERE id IN ({marks})"
        by_id = dict(self._database.checked_rows(query, ids))
        texts = [by_id.get(i) or self._text_at(p["passage"]) for i, p in zip(ids, saved, strict=True)]
        return tuple(
            ScoredPassage(**{**p, "sentences": (), "passage": Passage(**{**p["passage"], "text": text})})
            for p, text in zip(saved, texts, strict=True)
            if text is not None
        )

    def _text_at(self, passage: Mapping[str, Any]) -> str | None:
        """The text of a saved passage whose id went when its document was analysed again: its characters stay."""
        start, end = passage["start"], passage["end"]
        query = f"SELECT substr(text, ?, ?), {TEXT_IS_SOUND} FROM documents WHERE id = ?"
        rows = self._database.checked_rows(query, (start + 1, end - start, passage["document_id"]))
        return str(rows[0][0]) if rows else None


def _statement(data: dict[str, Any]) -> Statement:
    numbers = tuple((start, end) for start, end in data["unsupported_numbers"])
    return Statement(**{**data, "markers": tuple(data["markers"]), "unsupported_numbers": numbers})


def _answer_to_json(answer: Answer) -> str:
    """An answer without the text of its passages: a document that is deleted must not live on here."""
    data = asdict(answer)
    for scored in (*data["passages"], *data["earlier_passages"]):
        scored["passage"]["text"] = ""
    return json.dumps(data, ensure_ascii=False)
