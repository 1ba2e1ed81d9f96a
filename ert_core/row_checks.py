"""A checksum in each row, made as the row is saved and compared as it is read: what a disk has changed is never shown.

SQLite finds damage to its own structure, and none inside a text or a vector
(https://www.sqlite.org/pragma.html#pragma_integrity_check). CRC-32 finds every change of up to 32 bits in a row
(https://www.zlib.net/manual.html#Checksum).
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Sequence
from typing import Any

# What the checksums are of; the ids of passages are left out, a restored backup has others.
OF_DOCUMENT = "id, name, media_type, language, size, characters, added_at, sequence, analysis"
OF_TEXT = "id, text"
OF_PAGE = "document_id, position, number, start, end"
OF_PASSAGE = "document_id, page, start, end, text, words"
OF_MESSAGE = "conversation_id, role, text, answer"
DOCUMENT_IS_SOUND = f"checksum = checksum({OF_DOCUMENT})"
PASSAGE_IS_SOUND = f"passages.checksum = checksum({OF_PASSAGE})"
VECTOR_IS_SOUND = "vectors.checksum = checksum(model, vector) AND sentences_checksum = checksum(model, sentences)"
_SOUND = {
    "documents": f"{DOCUMENT_IS_SOUND} AND text_checksum = checksum({OF_TEXT})",
    "contents": "document_id = sha256(content)",
    "pages": f"checksum = checksum({OF_PAGE})",
    "passages": PASSAGE_IS_SOUND,
    "vectors": VECTOR_IS_SOUND,
    "conversations": "checksum = checksum(id, title, created_at)",
    "messages": f"checksum = checksum({OF_MESSAGE})",
    "settings": "checksum = checksum(name, value)",
}


def checksum(*values: object) -> int:
    """CRC-32 of the values of a row: text, bytes, numbers or None, each with its type and length."""
    check = 0
    for value in values:
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        check = zlib.crc32(data, zlib.crc32(f"{type(value).__name__} {len(data)} ".encode(), check))
    return check


def add_functions(connection: sqlite3.Connection) -> None:
    """Let statements of this connection call `checksum(...)` and `sha256(...)`."""
    connection.create_function("checksum", -1, checksum, deterministic=True)
    connection.create_function("sha256", 1, lambda data: hashlib.sha256(data).hexdigest(), deterministic=True)


def damaged_table(connection: sqlite3.Connection) -> str | None:
    """The first table with a row that is not as it was saved; None when all are. Reads the whole database."""
    add_functions(connection)
    for table, sound in _SOUND.items():
        if connection.execute(f"SELECT 1 FROM {table} WHERE NOT ({sound}) LIMIT 1").fetchone() is not None:
            return table
    return None


def without_check(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]] | None:
    """The rows without their last column, which says whether each is as it was saved; None when one is not."""
    return [row[:-1] for row in rows] if all(row[-1] == 1 for row in rows) else None
