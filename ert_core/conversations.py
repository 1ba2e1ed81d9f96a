"""The list of conversations in the database: begun, found, renamed, deleted, and taken back for a while."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ert_core.conversation_turns import ConversationTurns
from ert_core.database import Database
from ert_core.languages import fold
from ert_core.row_checks import CONVERSATION_IS_SOUND, OF_CONVERSATION
from ert_core.sources import encodable

TITLE_CHARACTERS = 80
# A deleted conversation can be taken back for so long.
UNDO = timedelta(minutes=10)


@dataclass(frozen=True)
class Conversation:
    """A line of the list of conversations. `last` rises with each message of any conversation: order, not time."""

    id: str
    title: str
    created_at: str
    last: int


class Conversations(ConversationTurns):
    """The conversations of one database, with their turns. Raises DatabaseError."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        super().__init__(database, now)
        self._searched: tuple[str, int, frozenset[str]] = ("", 0, frozenset())

    def start(self, question: str) -> str:
        """A new conversation, named after its first question; returns its id."""
        conversation_id = uuid.uuid4().hex
        self.purge()
        with self._database.transaction() as cursor:
            cursor.execute(
                f"INSERT INTO conversations ({OF_CONVERSATION}, checksum)"
                " VALUES (?1, ?2, ?3, NULL, NULL, checksum(?1, ?2, ?3, NULL, NULL))",
                (conversation_id, _title(question), self._time()),
            )
        return conversation_id

    def exists(self, conversation_id: str) -> bool:
        """Whether there is a conversation with this id, and it is not deleted."""
        query = "SELECT 1 FROM conversations WHERE id = ? AND deleted_at IS NULL"
        return self._database.value(query, (conversation_id,)) is not None

    def listed(self, words: str = "") -> list[Conversation]:
        """All conversations that hold `words` in their title or a message, the last used first.

        Case and accents do not count. One that the disk has changed is left out: `doctor` tells of it.
        """
        rows = self._database.rows(
            "SELECT id, title, created_at, coalesce((SELECT max(id) FROM messages WHERE conversation_id ="
            f" conversations.id), 0) AS last FROM conversations WHERE deleted_at IS NULL AND {CONVERSATION_IS_SOUND}"
            " ORDER BY last DESC, created_at DESC, id"
        )
        found = [Conversation(*row) for row in rows]
        if wanted := fold(words.strip()):
            holding = self._holding(wanted)
            found = [c for c in found if c.id in holding or wanted in fold(c.title)]
        return found

    def _holding(self, wanted: str) -> frozenset[str]:
        """The conversations with folded words in a message; the last search is kept: a page draws it at each run."""
        last = int(self._database.value("SELECT max(id) FROM messages") or 0)
        if self._searched[:2] != (wanted, last):
            texts = self._database.rows("SELECT conversation_id, text FROM messages")
            self._searched = wanted, last, frozenset(i for i, text in texts if wanted in fold(text))
        return self._searched[2]

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another name; an empty one changes nothing."""
        if shown := _title(title):
            self._change(conversation_id, "title = ?", shown)

    def delete(self, conversation_id: str) -> None:
        """Take a conversation out of the list; `restore` brings it back for a while."""
        self._change(conversation_id, "deleted_at = ?", self._time())
        self.purge()

    def restore(self, conversation_id: str) -> None:
        """Bring back a conversation that was deleted."""
        self._change(conversation_id, "deleted_at = ?", None)

    def purge(self) -> None:
        """Remove for good what was deleted more than `UNDO` ago, from copies kept beside the database, too."""
        limit = (self._now() - UNDO).isoformat(timespec="seconds")
        if self._database.value("SELECT 1 FROM conversations WHERE deleted_at < ?", (limit,)) is None:
            return
        with self._database.transaction() as cursor:
            # Else each turn would be deleted by the one before it, and SQLite goes 1,000 steps deep at most.
            gone = "SELECT id FROM conversations WHERE deleted_at < ?"
            cursor.execute(f"UPDATE messages SET parent = NULL WHERE conversation_id IN ({gone})", (limit,))
            cursor.execute("DELETE FROM conversations WHERE deleted_at < ?", (limit,))
        self._database.forget_copies()


def _title(text: str) -> str:
    return " ".join(encodable(text).split())[:TITLE_CHARACTERS]
