"""A checksum in each row, made as the row is saved and compared as it is read: what a disk has changed is noticed.

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
OF_CONVERSATION = "id, title, created_at, deleted_at, head"
OF_MESSAGE = "conversation_id, role, text, answer, parent, created_at, scope, rating, comment"
OF_COLLECTION = "id, name"
OF_COLLECTION_DOCUMENT = "collection_id, document_id"
OF_FOLDER = "path, added_at"
OF_FOLDER_FILE = "folder, path, size, modified, document_id"
OF_SETTING = "name, value"


def made_of(columns: str) -> str:
    """The checksum of `columns` in a statement. As blobs: what is no text any more could not be given to Python."""
    return f"checksum({', '.join(f'CAST({column} AS BLOB)' for column in columns.split(', '))})"


DOCUMENT_IS_SOUND = f"checksum = {made_of(OF_DOCUMENT)}"
TEXT_IS_SOUND = f"text_checksum = {made_of(OF_TEXT)}"
PAGE_IS_SOUND = f"checksum = {made_of(OF_PAGE)}"
PASSAGE_IS_SOUND = f"passages.checksum = {made_of(OF_PASSAGE)}"
MEAN_IS_SOUND = f"vectors.checksum = {made_of('model, vector')}"
SENTENCES_ARE_SOUND = f"sentences_checksum = {made_of('model, sentences')}"
CONVERSATION_IS_SOUND = f"checksum = {made_of(OF_CONVERSATION)}"
MESSAGE_IS_SOUND = f"checksum = {made_of(OF_MESSAGE)}"
SETTING_IS_SOUND = f"checksum = {made_of(OF_SETTING)}"
COLLECTION_IS_SOUND = f"checksum = {made_of(OF_COLLECTION)}"
COLLECTION_DOCUMENT_IS_SOUND = f"checksum = {made_of(OF_COLLECTION_DOCUMENT)}"
FOLDER_IS_SOUND = f"checksum = {made_of(OF_FOLDER)}"
FOLDER_FILE_IS_SOUND = f"checksum = {made_of(OF_FOLDER_FILE)}"
_SOUND = {
    "documents": f"{DOCUMENT_IS_SOUND} AND {TEXT_IS_SOUND}",
    "contents": "document_id = sha256(content)",
    "pages": PAGE_IS_SOUND,
    "passages": PASSAGE_IS_SOUND,
    "vectors": f"{MEAN_IS_SOUND} AND {SENTENCES_ARE_SOUND}",
    "conversations": CONVERSATION_IS_SOUND,
    "messages": MESSAGE_IS_SOUND,
    "settings": SETTING_IS_SOUND,
    "state": SETTING_IS_SOUND,
    "collections": COLLECTION_IS_SOUND,
    "collection_documents": COLLECTION_DOCUMENT_IS_SOUND,
    "folders": FOLDER_IS_SOUND,
    "folder_files": FOLDER_FILE_IS_SOUND,
}


def checksum(*values: object) -> int:
    """CRC-32 of the values of a row: text, bytes, numbers or None."""
    return zlib.crc32(b"\0".join([v if isinstance(v, bytes) else str(v).encode("utf-8") for v in values]))


def sha256(content: object) -> str:
    """In hexadecimal; of what is no bytes any more, none."""
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else ""


def add_functions(connection: sqlite3.Connection) -> None:
    """Let statements of this connection call `checksum(...)` and `sha256(...)`."""
    connection.create_function("checksum", -1, checksum, deterministic=True)
    connection.create_function("sha256", 1, sha256, deterministic=True)


def damaged_table(connection: sqlite3.Connection) -> str | None:
    """The first table with a row that is not as it was saved; None when all are. Reads the whole database."""
    add_functions(connection)
    for table, sound in _SOUND.items():
        if connection.execute(f"SELECT 1 FROM {table} WHERE ({sound}) IS NOT 1 LIMIT 1").fetchone() is not None:
            return table
    return None


def without_check(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]] | None:
    """The rows without their last column, which says whether each is as it was saved; None when one is not."""
    return [row[:-1] for row in rows] if all(row[-1] == 1 for row in rows) else None
