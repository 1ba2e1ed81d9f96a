"""The tables of the database, as a new one has them; `migrations` brings older ones there."""

SCHEMA_VERSION = 4

SCHEMA = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY,            -- SHA-256 of the file's bytes, hexadecimal
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    language TEXT NOT NULL,
    size INTEGER NOT NULL,          -- bytes of the file
    characters INTEGER NOT NULL,    -- of the text
    added_at TEXT NOT NULL,         -- UTC, ISO 8601; for people: order uses `sequence`
    sequence INTEGER NOT NULL,
    analysis INTEGER NOT NULL,      -- the analysis.ANALYSIS_VERSION that made its passages and words
    checksum INTEGER NOT NULL,      -- of the columns above; what each is of stands where it is written
    text_checksum INTEGER NOT NULL,
    text TEXT NOT NULL              -- last: reading the others must not walk over it
);
CREATE TABLE contents (             -- the file itself, to show its pages and to read it again
    document_id TEXT PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE,
    content BLOB NOT NULL
);
CREATE TABLE pages (
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,      -- 0-based
    number INTEGER,                 -- as the format counts, NULL where it has no pages
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (document_id, position)
) WITHOUT ROWID;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice
    document_id TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    page INTEGER,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    words TEXT NOT NULL,            -- its sentences and their stems (analysis.to_line_text)
    checksum INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX passages_by_document ON passages(document_id);
CREATE TABLE vectors (
    passage_id INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    model TEXT NOT NULL,            -- the stable name of the model that made it
    vector BLOB NOT NULL,           -- float32, little-endian, unit length
    sentences BLOB NOT NULL,        -- int8, one vector a sentence (sentence_vectors)
    checksum INTEGER NOT NULL DEFAULT 0,
    sentences_checksum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (passage_id, model)
);
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    created_at TEXT NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0,
    deleted_at TEXT,                -- UTC: it can be taken back for a while, then it goes
    head INTEGER                    -- the message that the branch shown ends with
);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    answer TEXT,                    -- JSON of types.Answer for an assistant turn
    checksum INTEGER NOT NULL DEFAULT 0,
    parent INTEGER REFERENCES messages(id) ON DELETE CASCADE,  -- the turn before it; several may follow one
    created_at TEXT,                -- UTC; NULL where an older ERT saved it
    scope TEXT,                     -- JSON of types.Scope, of a question asked of some documents only
    rating INTEGER,                 -- 1 or -1
    comment TEXT                    -- the person's word on an answer
);
CREATE INDEX messages_by_conversation ON messages(conversation_id);
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
CREATE TABLE folders (              -- those that are followed
    path TEXT PRIMARY KEY,
    added_at TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE folder_files (         -- what was found in them, so that only what changed is read again
    folder TEXT NOT NULL REFERENCES folders(path) ON DELETE CASCADE,
    path TEXT NOT NULL,             -- below the folder
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,      -- ns since 1970
    document_id TEXT,               -- NULL where it could not be read; no reference: the document may be deleted
    checksum INTEGER NOT NULL,
    PRIMARY KEY (folder, path)
) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0);
CREATE TABLE state (                -- generation, embedding_model (the active one)
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0
);
INSERT INTO state VALUES ('generation', '0', checksum('generation', '0'));
"""
