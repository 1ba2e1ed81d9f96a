"""The last answers of all conversations, with what each has cost: time, CPU, memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ert_core.database import Database
from ert_core.row_checks import CONVERSATION_IS_SOUND, MESSAGE_IS_SOUND

MOST = 50
QUESTION_CHARACTERS = 120

# Those that a person can open, the newest first; what the disk has changed is never read as text. The question of an
# answer that was asked for again stands before the refusal.
_LAST = f"""SELECT conversation_id,
    (SELECT CASE role WHEN 'user' THEN id ELSE parent END FROM messages AS before WHERE before.id = messages.parent),
    CASE WHEN {MESSAGE_IS_SOUND} THEN created_at END, CASE WHEN {MESSAGE_IS_SOUND} THEN answer END
    FROM messages WHERE role = 'assistant' AND answer IS NOT NULL AND
    EXISTS (SELECT 1 FROM conversations WHERE conversations.id = conversation_id AND deleted_at IS NULL)
    ORDER BY id DESC LIMIT ?"""
_NEWEST = "SELECT id FROM messages WHERE answer IS NOT NULL ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True)
class PastAnswer:
    """One answer and its figures, None where they were not measured or do not apply.

    Seconds, tokens a second, per cent of the whole machine, MB; `verified_share` in [0, 1]. Of an answer that the
    disk has changed (`damaged`) only the place is known.
    """

    conversation_id: str
    title: str | None
    question: str | None
    at: datetime | None
    damaged: bool = False
    mode: str | None = None
    finish_reason: str | None = None
    first_token: float | None = None
    total: float | None = None
    tokens_per_second: float | None = None
    cpu_mean: float | None = None
    cpu_peak: float | None = None
    cpu_budget: float | None = None
    memory_mb: float | None = None
    verified_share: float | None = None


class AnswerHistory:
    """Reads one database. Raises DatabaseError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> int:
        """The id of the last answer, 0 when there is none: another one means that there is more to show."""
        return int(self._database.value(_NEWEST) or 0)

    def last(self, most: int = MOST) -> list[PastAnswer]:
        """The last answers, the newest first; those of deleted conversations are left out."""
        rows = self._database.rows(_LAST, (most,))
        titles = self._sound("title", "conversations", CONVERSATION_IS_SOUND, [row[0] for row in rows])
        questions = self._sound("text", "messages", MESSAGE_IS_SOUND, [row[1] for row in rows])
        past = []
        for conversation_id, asked, created_at, answer in rows:
            figures = {"damaged": True} if answer is None else _figures(json.loads(answer))
            at = datetime.fromisoformat(created_at) if created_at else None
            title, question = titles.get(conversation_id), questions.get(asked)
            past.append(PastAnswer(conversation_id, title, question and _shortened(question), at, **figures))
        return past

    def _sound(self, column: str, table: str, sound: str, ids: Sequence[Any]) -> dict[Any, str | None]:
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, CASE WHEN {sound} THEN {column} END FROM {table} WHERE id IN ({marks})"
        return dict(self._database.rows(query, ids))


def tokens_per_second(new_tokens: int, timings: Mapping[str, float]) -> float | None:
    """The pace of a written answer from its first token on; None where nothing was written."""
    writing = timings.get("total", 0.0) - timings.get("first_token", 0.0)
    return new_tokens / writing if new_tokens and writing > 0 else None


def _figures(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a saved answer; an older ERT did not save all of them."""
    timings = answer.get("timings") or {}
    judged = bool(answer.get("citations") or answer.get("statements"))
    return {
        **{name: answer.get(name) for name in ("mode", "finish_reason", "cpu_mean", "cpu_peak")},
        **{name: answer.get(name) for name in ("cpu_budget", "memory_mb")},
        "first_token": timings.get("first_token"),
        "total": timings.get("total"),
        "tokens_per_second": tokens_per_second(answer.get("new_tokens") or 0, timings),
        "verified_share": answer.get("verified_share") if judged else None,
    }


def _shortened(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= QUESTION_CHARACTERS else f"{line[: QUESTION_CHARACTERS - 1]}…"
