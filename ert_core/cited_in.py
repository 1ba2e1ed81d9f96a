"""Where a document was cited: the answers of conversations that quote it."""

from __future__ import annotations

from dataclasses import dataclass

from ert_core.database import Database
from ert_core.row_checks import MESSAGE_IS_SOUND


@dataclass(frozen=True)
class CitedIn:
    """One answer with its question; `quotes` are the sentences of the document that it cites, `asked_at` is UTC."""

    conversation_id: str
    title: str
    question: str
    asked_at: str
    quotes: tuple[str, ...]


def cited_in(database: Database, document_id: str, most: int = 50) -> list[CitedIn]:
    """The last `most` answers that cite a document, the last one first; not those of deleted conversations.

    Raises DatabaseError.
    """
    rows = database.checked_rows(
        "SELECT conversation_id,"
        " (SELECT title FROM conversations WHERE id = conversation_id AND deleted_at IS NULL) AS title,"
        " coalesce((SELECT asked.text FROM messages AS asked WHERE asked.id = messages.parent), ''),"
        " coalesce(created_at, ''),"
        " (SELECT group_concat(json_extract(value, '$.quote'), char(0)) FROM json_each(answer, '$.citations')"
        f" WHERE json_extract(value, '$.document_id') = ?1) AS quotes, {MESSAGE_IS_SOUND}"
        " FROM messages WHERE instr(answer, ?1) AND title IS NOT NULL AND quotes IS NOT NULL"
        " ORDER BY messages.id DESC LIMIT ?2",
        (document_id, most),
    )
    return [
        CitedIn(conversation, title, question, asked_at, tuple(dict.fromkeys(quotes.split("\0"))))
        for conversation, title, question, asked_at, quotes in rows
    ]
