"""A database of an older ERT comes forward whole, or stays as it was; a copy is kept."""

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ert_core import migrations
from ert_core.assistant import Assistant
from ert_core.conversations import Conversations
from ert_core.database import DATABASE_FILE, Database
from ert_core.document_store import DocumentStore
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.errors import DatabaseError
from ert_core.schema import SCHEMA_VERSION
from ert_core.settings import Settings
from ert_core.vector_store import VectorStore
from tests.conftest import WELL_FR

# As ERT 0.1.0 wrote it.
SCHEMA_1 = """
CREATE TABLE documents (id TEXT PRIMARY KEY, name TEXT NOT NULL, media_type TEXT NOT NULL, language TEXT NOT NULL,
    size INTEGER NOT NULL, characters INTEGER NOT NULL, added_at TEXT NOT NULL, sequence INTEGER NOT NULL,
    text TEXT NOT NULL);
CREATE TABLE contents (document_id TEXT PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE,
    content BLOB NOT NULL);
CREATE TABLE pages (document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE, position INTEGER NOT NULL,
    number INTEGER, start INTEGER NOT NULL, end INTEGER NOT NULL, PRIMARY KEY (document_id, position)) WITHOUT ROWID;
CREATE TABLE passages (id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE, page INTEGER, start INTEGER NOT NULL,
    end INTEGER NOT NULL, text TEXT NOT NULL, words TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX passages_by_document ON passages(document_id);
CREATE TABLE conversations (id TEXT PRIMARY KEY, title TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE, role TEXT NOT NULL,
    text TEXT NOT NULL, answer TEXT);
CREATE INDEX messages_by_conversation ON messages(conversation_id);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO state VALUES ('generation', '7');
"""
DOCUMENT = hashlib.sha256(WELL_FR.encode()).hexdigest()
MIDDLE = len(WELL_FR) // 2
SPANS = [(0, MIDDLE), (MIDDLE, len(WELL_FR))]


@pytest.fixture
def old(tmp_path: Path, embeddings: SentenceTransformerEmbeddings) -> Path:
    """A data directory of ERT 0.1.0: one document of two passages, a deleted one, a question, a setting."""
    vectors = embeddings.encode([WELL_FR[start:end] for start, end in SPANS])
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)) as connection:
        connection.executescript(SCHEMA_1)
        connection.execute("INSERT INTO state VALUES ('embedding_model', 'all-MiniLM-L6-v2')")
        values = (DOCUMENT, "combe-noire.md", "text/markdown", "fr", 9, len(WELL_FR), "2026-01-01T00:00:00+00:00", 3)
        connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, WELL_FR))
        connection.execute("INSERT INTO contents VALUES (?, ?)", (DOCUMENT, WELL_FR.encode()))
        connection.execute("INSERT INTO pages VALUES (?, 0, NULL, 0, ?)", (DOCUMENT, len(WELL_FR)))
        for n, (start, end) in enumerate(SPANS):
            connection.execute(
                "INSERT INTO passages VALUES (?, ?, NULL, ?, ?, ?, 'forag profondeur', ?)",
                (4 + n, DOCUMENT, start, end, WELL_FR[start:end], vectors[n].astype("<f4").tobytes()),
            )
        connection.execute("UPDATE sqlite_sequence SET seq = 40 WHERE name = 'passages'")
        connection.execute("INSERT INTO conversations VALUES ('c1', 'Forage', '2026-01-01')")
        connection.execute("INSERT INTO messages VALUES (1, 'c1', 'user', 'Quelle profondeur ?', NULL)")
        connection.execute("INSERT INTO messages VALUES (2, 'c1', 'assistant', 'Je ne sais pas.', NULL)")
        connection.execute("INSERT INTO settings VALUES ('passages', '3')")
        connection.execute("PRAGMA user_version = 1")
    return tmp_path


def shape(database: Database) -> dict[str, object]:
    """Columns, keys and indexes of every table."""
    tables = [r[0] for r in database.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {
        table: [
            sorted(database.rows(f"PRAGMA {what}({table})"))
            for what in ("table_info", "foreign_key_list", "index_list")
        ]
        for table in tables
    }


def test_everything_comes_along(old: Path, embeddings: SentenceTransformerEmbeddings) -> None:
    database = Database(old)
    assert database.value("PRAGMA user_version") == SCHEMA_VERSION
    store = DocumentStore(database)
    [document] = store.documents()
    assert (document.name, document.passages, document.pages, document.language) == ("combe-noire.md", 2, 1, "fr")
    assert store.text(DOCUMENT) == WELL_FR and store.content(DOCUMENT) == WELL_FR.encode()
    assert [(p.id, p.start, p.end) for p in store.passages([4, 5]).values()] == [(4, *SPANS[0]), (5, *SPANS[1])]
    assert VectorStore(database).active_model() == "all-MiniLM-L6-v2"
    [entries] = list(VectorStore(database).entries("all-MiniLM-L6-v2"))
    assert [(i, words) for i, _, words, _ in entries] == [(4, ["forag", "profondeur"]), (5, ["forag", "profondeur"])]
    expected = embeddings.encode([WELL_FR[start:end] for start, end in SPANS])
    assert np.array_equal(np.stack([vector for _, _, _, vector in entries]), expected)
    assert database.value("SELECT analysis FROM documents") == 1
    assert database.generation() == 7
    turns = Conversations(database).messages("c1")
    assert [(m.text, m.parent) for m in turns] == [("Quelle profondeur ?", None), ("Je ne sais pas.", 1)]
    assert [c.title for c in Conversations(database).listed()] == ["Forage"]
    assert database.value("SELECT value FROM settings") == "3"
    assert database.damaged_table() is None, "every row has its checksum"


def test_a_migrated_database_is_like_a_new_one(old: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    new = Database(tmp_path_factory.mktemp("new"))
    migrated = Database(old)
    assert shape(migrated) == shape(new)
    assert migrated.value("PRAGMA foreign_keys") == 1
    DocumentStore(migrated).remove(DOCUMENT)
    for table in ("contents", "pages", "passages", "vectors"):
        assert migrated.value(f"SELECT count(*) FROM {table}") == 0, table


def test_ids_of_deleted_passages_stay_unused(old: Path) -> None:
    database = Database(old)
    with database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO passages (document_id, page, start, end, text, words) VALUES (?, NULL, 0, 1, 'x', '')",
            (DOCUMENT,),
        )
        assert cursor.lastrowid == 41


def test_the_copy_is_the_database_as_it_was(old: Path) -> None:
    Database(old).close()
    copy = old / f"{DATABASE_FILE}.v1"
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*), max(length(vector)) FROM passages").fetchone() == (2, 4 * 384)
    assert not list(old.glob("*.part"))


def test_a_deleted_document_does_not_live_on_in_the_copy(old: Path) -> None:
    database = Database(old)
    assert DocumentStore(database).remove("gone") is False
    assert (old / f"{DATABASE_FILE}.v1").exists()
    DocumentStore(database).remove(DOCUMENT)
    assert not (old / f"{DATABASE_FILE}.v1").exists()


@pytest.mark.parametrize("failure", [sqlite3.OperationalError("disk full"), KeyboardInterrupt()])
def test_a_migration_that_fails_changes_nothing(
    old: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    step = migrations.STEPS[1]

    def breaks(connection: sqlite3.Connection) -> None:
        step(connection)
        raise failure

    monkeypatch.setitem(migrations.STEPS, 1, breaks)
    with pytest.raises(DatabaseError if isinstance(failure, sqlite3.Error) else KeyboardInterrupt):
        Database(old)
    with closing(sqlite3.connect(old / DATABASE_FILE)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(vector) FROM passages").fetchone() == (2,)
    monkeypatch.undo()
    assert DocumentStore(Database(old)).count() == 1


def test_a_copy_that_cannot_be_written_stops_it_in_words(old: Path) -> None:
    (old / f"{DATABASE_FILE}.v1").mkdir()
    with pytest.raises(DatabaseError, match="v1"):
        Database(old)
    with closing(sqlite3.connect(old / DATABASE_FILE)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_three_processes_migrate_once(old: Path) -> None:
    script = f"from pathlib import Path; from ert_core.database import Database; Database(Path({str(old)!r}))"
    processes = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) for _ in range(3)]
    errors = [p.communicate()[1] for p in processes]
    assert [p.returncode for p in processes] == [0, 0, 0], errors
    assert DocumentStore(Database(old)).count() == 1
    with closing(sqlite3.connect(old / f"{DATABASE_FILE}.v1")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_the_old_library_answers_at_once(old: Path, embeddings: SentenceTransformerEmbeddings) -> None:
    engine = Assistant(Settings.load(home=old))
    engine.embedders.share(embeddings)
    found = engine.search("Quelle est la profondeur du forage F2 ?")
    assert "48,5 m" in found.passages[0].passage.text
    engine.close()
