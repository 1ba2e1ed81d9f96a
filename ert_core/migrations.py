"""A database of an older version of ERT -> the present schema, in one transaction, a copy kept before it.

Each step holds the statements of its own time: later changes of `schema.SCHEMA` do not reach back.
A step that rebuilds a table follows https://www.sqlite.org/lang_altertable.html#otheralter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from ert_core.database_copies import COPY_SUFFIX, save_copy
from ert_core.row_checks import add_functions


def migrate(connection: sqlite3.Connection, path: Path, target: int) -> None:
    """Bring the database at `path`, open as `connection`, to version `target`.

    The database as it was stays beside it as `<name>.v<version>`. Raises sqlite3.DatabaseError; then
    nothing has changed.
    """
    connection.execute("PRAGMA foreign_keys=OFF")  # dropping a table must not delete what refers to it
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have migrated while this one waited for the lock.
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version < target:
                keep_copy(path, version)
                for step in range(version, target):
                    STEPS[step](connection)
                if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                    raise sqlite3.IntegrityError("a row refers to another that is missing")
                connection.execute(f"PRAGMA user_version = {target}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    finally:
        connection.execute("PRAGMA foreign_keys=ON")


def keep_copy(path: Path, version: int) -> Path:
    """Copy the database as committed; an older copy of this version is replaced."""
    copy = path.with_name(f"{path.name}{COPY_SUFFIX}{version}")
    try:
        with closing(sqlite3.connect(path)) as source:
            return save_copy(source, copy)
    except OSError as error:
        raise sqlite3.OperationalError(f"{copy}: {error.strerror or error}") from error


def statements(script: str) -> Iterator[str]:
    """The single statements of an SQL script (`executescript` would end the transaction)."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


_VECTORS_OF_THEIR_OWN = """
CREATE TABLE vectors (
    passage_id INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    vector BLOB NOT NULL,
    sentences BLOB NOT NULL,
    PRIMARY KEY (passage_id, model)
);
INSERT INTO state SELECT 'embedding_model', 'all-MiniLM-L6-v2'
    WHERE NOT EXISTS (SELECT 1 FROM state WHERE name = 'embedding_model') AND EXISTS (SELECT 1 FROM passages);
INSERT INTO vectors SELECT id, (SELECT value FROM state WHERE name = 'embedding_model'), vector, x''
    FROM passages;
CREATE TABLE new_passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    page INTEGER,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    words TEXT NOT NULL
);
-- One line for all the words of a passage: its sentences are found when it is analysed again.
INSERT INTO new_passages
    SELECT id, document_id, page, start, end, text, trim('0 ' || length(text) || ' ' || words) FROM passages;
DROP TABLE passages;
ALTER TABLE new_passages RENAME TO passages;
CREATE INDEX passages_by_document ON passages(document_id);
CREATE TABLE new_documents (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    language TEXT NOT NULL,
    size INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    analysis INTEGER NOT NULL,
    text TEXT NOT NULL
);
INSERT INTO new_documents
    SELECT id, name, media_type, language, size, characters, added_at, sequence, 1, text FROM documents;
DROP TABLE documents;
ALTER TABLE new_documents RENAME TO documents;
"""


def _one_to_two(connection: sqlite3.Connection) -> None:
    """Vectors get a table of their own, keyed by passage and model; documents tell the version of their analysis."""
    # The number of the last passage ever made goes with its table: ids are never used twice.
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
    for statement in statements(_VECTORS_OF_THEIR_OWN):
        connection.execute(statement)
    if last is not None:
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'passages'")
        connection.execute("INSERT INTO sqlite_sequence VALUES ('passages', ?)", last)


_CHECKSUMS = """
CREATE TABLE new_documents (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    language TEXT NOT NULL,
    size INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    analysis INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    text_checksum INTEGER NOT NULL,
    text TEXT NOT NULL
);
INSERT INTO new_documents
    SELECT id, name, media_type, language, size, characters, added_at, sequence, analysis,
        checksum(CAST(id AS BLOB), CAST(name AS BLOB), CAST(media_type AS BLOB), CAST(language AS BLOB), size,
            characters, CAST(added_at AS BLOB), sequence, analysis),
        checksum(CAST(id AS BLOB), CAST(text AS BLOB)), text FROM documents;
DROP TABLE documents;
ALTER TABLE new_documents RENAME TO documents;
ALTER TABLE pages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE pages SET checksum = checksum(CAST(document_id AS BLOB), position, number, start, end);
ALTER TABLE passages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE passages SET checksum =
    checksum(CAST(document_id AS BLOB), page, start, end, CAST(text AS BLOB), CAST(words AS BLOB));
ALTER TABLE vectors ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vectors ADD COLUMN sentences_checksum INTEGER NOT NULL DEFAULT 0;
UPDATE vectors SET checksum = checksum(CAST(model AS BLOB), vector),
    sentences_checksum = checksum(CAST(model AS BLOB), sentences);
ALTER TABLE conversations ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET checksum = checksum(CAST(id AS BLOB), CAST(title AS BLOB), CAST(created_at AS BLOB));
ALTER TABLE messages ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET checksum =
    checksum(CAST(conversation_id AS BLOB), CAST(role AS BLOB), CAST(text AS BLOB), CAST(answer AS BLOB));
ALTER TABLE settings ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE settings SET checksum = checksum(CAST(name AS BLOB), CAST(value AS BLOB));
ALTER TABLE state ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE state SET checksum = checksum(CAST(name AS BLOB), CAST(value AS BLOB));
"""


def _two_to_three(connection: sqlite3.Connection) -> None:
    """Rows get the checksums that are compared when they are read."""
    add_functions(connection)
    for statement in statements(_CHECKSUMS):
        connection.execute(statement)


_BRANCHES = """
ALTER TABLE conversations ADD COLUMN deleted_at TEXT;
ALTER TABLE conversations ADD COLUMN head INTEGER;
ALTER TABLE messages ADD COLUMN parent INTEGER REFERENCES messages(id) ON DELETE CASCADE;
ALTER TABLE messages ADD COLUMN created_at TEXT;
ALTER TABLE messages ADD COLUMN scope TEXT;
ALTER TABLE messages ADD COLUMN rating INTEGER;
ALTER TABLE messages ADD COLUMN comment TEXT;
UPDATE messages SET parent = (
    SELECT max(before.id) FROM messages AS before
    WHERE before.conversation_id = messages.conversation_id AND before.id < messages.id
        AND (messages.role = 'user' OR before.role = 'user')  -- a second answer stands beside the first
);
-- A row that the disk has changed keeps a checksum that is wrong.
UPDATE messages SET checksum = checksum(CAST(conversation_id AS BLOB), CAST(role AS BLOB), CAST(text AS BLOB),
    CAST(answer AS BLOB), CAST(parent AS BLOB), NULL, NULL, NULL, NULL)
    WHERE checksum = checksum(CAST(conversation_id AS BLOB), CAST(role AS BLOB), CAST(text AS BLOB),
        CAST(answer AS BLOB));
UPDATE conversations SET head = (SELECT max(id) FROM messages WHERE conversation_id = conversations.id);
UPDATE conversations SET checksum = checksum(CAST(id AS BLOB), CAST(title AS BLOB), CAST(created_at AS BLOB), NULL,
    CAST(head AS BLOB))
    WHERE checksum = checksum(CAST(id AS BLOB), CAST(title AS BLOB), CAST(created_at AS BLOB));
CREATE INDEX messages_by_parent ON messages(parent);
CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    checksum INTEGER NOT NULL
);
CREATE TABLE collection_documents (
    collection_id INTEGER NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (collection_id, document_id)
) WITHOUT ROWID;
CREATE INDEX collection_documents_by_document ON collection_documents(document_id);
CREATE TABLE folders (
    path TEXT PRIMARY KEY,
    added_at TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE folder_files (
    folder TEXT NOT NULL REFERENCES folders(path) ON DELETE CASCADE,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    document_id TEXT,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (folder, path)
) WITHOUT ROWID;
"""


def _three_to_four(connection: sqlite3.Connection) -> None:
    """Conversations branch and can be named, taken back and rated; collections and followed folders."""
    add_functions(connection)
    for statement in statements(_BRANCHES):
        connection.execute(statement)


STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _one_to_two, 2: _two_to_three, 3: _three_to_four}
