"""The turns of conversations in the database: every turn is saved before it is shown as done.

The turns of a conversation are a tree: each knows the one before it, and a question that was edited, or an answer
made again, stands beside the one it replaces. What is shown is the branch that ends with the conversation's head.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from ert_core.database import Database
from ert_core.row_checks import MESSAGE_IS_SOUND, OF_CONVERSATION, OF_MESSAGE
from ert_core.saved_answers import SavedAnswers, to_json
from ert_core.sources import encodable
from ert_core.types import Message, Scope

# From the last turn to the first. The bound ends what damage might have made a circle of.
_BRANCH = """WITH RECURSIVE branch(id, depth) AS (
    SELECT {end} UNION ALL SELECT parent, depth + 1 FROM messages JOIN branch USING (id)
    WHERE parent IS NOT NULL AND depth < 100000
)"""
# Of all that follows a message, the end of the branch where the last word was said.
_LAST = """WITH RECURSIVE after(id) AS (
    SELECT ? UNION SELECT messages.id FROM messages JOIN after ON messages.parent = after.id
) SELECT max(id) FROM after WHERE NOT EXISTS (SELECT 1 FROM messages WHERE parent = after.id)"""
_COLUMNS = f"messages.id, role, text, answer, parent, created_at, scope, rating, comment, {MESSAGE_IS_SOUND}"


class ConversationTurns:
    """The turns of the conversations of one database, and the branch of each that is shown. Raises DatabaseError."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._answers = SavedAnswers(database)
        self._now = now

    def add(self, conversation_id: str, message: Message) -> int:
        """Save one turn after `message.parent`, None: the last one shown; returns its id.

        The branch shown goes on with it, unless the person has gone to another one while an answer was made. What was
        asked meanwhile comes after the answer.
        """
        answer = None if message.answer is None else to_json(message.answer)
        scope = None if message.scope is None else json.dumps(asdict(message.scope))
        with self._database.transaction() as cursor:
            rows = cursor.execute("SELECT head FROM conversations WHERE id = ?", (conversation_id,)).fetchall()
            head = rows[0][0] if rows else None
            parent = head if message.parent is None else message.parent or None
            values = (conversation_id, message.role, message.text, answer, parent, self._time(), scope)
            cursor.execute(
                f"INSERT INTO messages ({OF_MESSAGE}, checksum)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL, checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL))",
                values,
            )
            saved = int(cursor.lastrowid or 0)
            if message.role == "user" or self._leads_to(parent, head):
                _set(cursor, conversation_id, "head = ?", saved)
            if message.role == "assistant" and parent is not None:
                asked = "role = 'user' AND parent = ?"
                cursor.execute(f"UPDATE messages SET parent = ? WHERE {asked}", (saved, parent))
                cursor.execute(f"UPDATE messages SET checksum = checksum({OF_MESSAGE}) WHERE {asked}", (saved,))
            return saved

    def take_back(self, message_id: int) -> None:
        """Remove a turn that could not be dealt with; what was shown before it is shown again."""
        with self._database.transaction() as cursor:
            query = "SELECT conversation_id, parent FROM messages WHERE id = ?"
            found = cursor.execute(query, (message_id,)).fetchone()
            if found is not None:
                conversation_id, parent = found
                cursor.execute("DELETE FROM messages WHERE id = ?", (message_id,))
                every = "SELECT max(id) FROM messages WHERE conversation_id = ?"
                last = cursor.execute(every, (conversation_id,)) if parent is None else cursor.execute(_LAST, (parent,))
                _set(cursor, conversation_id, "head = ?", last.fetchone()[0])

    def messages(self, conversation_id: str, before: int | None = None, latest: int = -1) -> list[Message]:
        """The turns of the branch shown, in order, or of the one that ends before the message `before`.

        `latest`: no more than so many, the last ones; -1: all.
        """
        if before is None:
            end, value = "head, 0 FROM conversations WHERE id = ?1", conversation_id
        else:
            end, value = "parent, 0 FROM messages WHERE id = ?2", ""
        rows = self._database.checked_rows(
            f"{_BRANCH.format(end=end)} SELECT {_COLUMNS} FROM messages JOIN branch USING (id) ORDER BY depth LIMIT ?3",
            (value, before, latest),
        )
        return [self._message(*row) for row in reversed(rows)]

    def message(self, message_id: int) -> Message | None:
        """One turn by its id, None when it is gone."""
        rows = self._database.checked_rows(f"SELECT {_COLUMNS} FROM messages WHERE id = ?", (message_id,))
        return self._message(*rows[0]) if rows else None

    def variants(self, conversation_id: str) -> dict[int, list[int]]:
        """For each message that others stand beside: the ids of all of them, the oldest first."""
        rows = self._database.rows(
            "SELECT group_concat(id) FROM (SELECT id, parent, role FROM messages WHERE conversation_id = ? ORDER BY id)"
            " GROUP BY coalesce(parent, 0), role HAVING count(*) > 1",
            (conversation_id,),
        )
        groups = [sorted(int(i) for i in ids.split(",")) for (ids,) in rows]
        return {i: group for group in groups for i in group}

    def show(self, conversation_id: str, message_id: int) -> None:
        """Show the branch that goes through this message, with what was said last after it."""
        last = self._database.value(_LAST, (message_id,))
        if self.message(last or 0) is not None:
            self._change(conversation_id, "head = ?", last)

    def show_alone(self, conversation_id: str, message_id: int) -> None:
        """Show the branch up to this message: what was said after it is kept, and another answer will follow."""
        self._change(conversation_id, "head = ?", message_id)

    def settle(self, conversation_id: str, message_id: int) -> None:
        """Where a message is shown as the last one although others follow it, show these."""
        query = "SELECT 1 FROM conversations WHERE id = ? AND head = ?"
        if self._database.value(query, (conversation_id, message_id)) is not None:
            self.show(conversation_id, message_id)

    def rate(self, message_id: int, rating: int | None) -> None:
        """Keep what a person thinks of an answer: 1, -1 or None."""
        self._annotate(message_id, "rating", rating)

    def comment(self, message_id: int, comment: str) -> None:
        """Keep a person's word on an answer; an empty one takes it back."""
        self._annotate(message_id, "comment", encodable(comment).strip() or None)

    def _annotate(self, message_id: int, column: str, value: object) -> None:
        with self._database.transaction() as cursor:
            cursor.execute(f"UPDATE messages SET {column} = ? WHERE id = ?", (value, message_id))
            cursor.execute(f"UPDATE messages SET checksum = checksum({OF_MESSAGE}) WHERE id = ?", (message_id,))

    def _change(self, conversation_id: str, assignment: str, value: object) -> None:
        with self._database.transaction() as cursor:
            _set(cursor, conversation_id, assignment, value)

    def _leads_to(self, parent: int | None, head: int | None) -> bool:
        """Whether the branch that ends with `head` is the one of the question `parent`, with or without an answer."""
        answered = "SELECT 1 FROM messages WHERE id = ? AND parent = ? AND role = 'assistant'"
        return parent == head or self._database.value(answered, (head, parent)) is not None

    def _message(
        self,
        message_id: int,
        role: str,
        text: str,
        answer: str | None,
        parent: int | None,
        created_at: str | None,
        scope: str | None,
        rating: int | None,
        comment: str | None,
    ) -> Message:
        return Message(
            role,  # type: ignore[arg-type]  # as it was saved
            text,
            self._answers.read(answer) if answer else None,
            scope=Scope.from_saved(json.loads(scope)) if scope else None,
            rating=rating,
            comment=comment,
            id=message_id,
            parent=parent,
            created_at=created_at or "",
        )

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")


def _set(cursor: sqlite3.Cursor, conversation_id: str, assignment: str, value: object) -> None:
    cursor.execute(f"UPDATE conversations SET {assignment} WHERE id = ?", (value, conversation_id))
    cursor.execute(f"UPDATE conversations SET checksum = checksum({OF_CONVERSATION}) WHERE id = ?", (conversation_id,))
