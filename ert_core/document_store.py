"""Documents, their text and their passages in the database: add, remove, list, read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ert_core.database import Database, count_change
from ert_core.errors import EmbeddingModelError
from ert_core.passages import PageSpan, PassageSpan
from ert_core.types import Document, Passage

if TYPE_CHECKING:
    import numpy as np

_MODEL = "embedding_model"
_DOCUMENT_COLUMNS = """id, name, media_type, (SELECT count(*) FROM pages WHERE document_id = documents.id),
    language, added_at, size, characters, (SELECT count(*) FROM passages WHERE document_id = documents.id)"""


@dataclass(frozen=True)
class NewDocument:
    """Everything that is saved for one document, in one transaction.

    `words[i]` (stems) and `vectors[i]` (float32, shape (passages, dimension)) belong to `passages[i]`.
    """

    id: str
    name: str
    media_type: str
    language: str
    content: bytes
    text: str
    pages: Sequence[PageSpan]
    passages: Sequence[PassageSpan]
    words: Sequence[Sequence[str]]
    vectors: np.ndarray
    embedding_model: str


class DocumentStore:
    """The documents of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, document: NewDocument) -> bool:
        """Save a document. False when one with the same bytes is there already.

        Raises EmbeddingModelError when the vectors of the other documents come from another model.
        """
        with self._database.transaction() as cursor:
            self.check_model(document.embedding_model)
            cursor.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (_MODEL, document.embedding_model))
            if cursor.execute("SELECT 1 FROM documents WHERE id = ?", (document.id,)).fetchone():
                return False
            (sequence,) = cursor.execute("SELECT coalesce(max(sequence), 0) + 1 FROM documents").fetchone()
            cursor.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # in the order of the schema
                (
                    document.id,
                    document.name,
                    document.media_type,
                    document.language,
                    len(document.content),
                    len(document.text),
                    datetime.now(timezone.utc).isoformat(timespec="seconds"),
                    sequence,
                    document.text,
                ),
            )
            cursor.execute("INSERT INTO contents VALUES (?, ?)", (document.id, document.content))
            cursor.executemany(
                "INSERT INTO pages VALUES (?, ?, ?, ?, ?)",
                [(document.id, i, p.number, p.start, p.end) for i, p in enumerate(document.pages)],
            )
            cursor.executemany(
                "INSERT INTO passages (document_id, page, start, end, text, words, vector)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        document.id,
                        p.page,
                        p.start,
                        p.end,
                        document.text[p.start : p.end],
                        " ".join(words),
                        _blob(vector),
                    )
                    for p, words, vector in zip(document.passages, document.words, document.vectors, strict=True)
                ],
            )
            count_change(cursor)
        return True

    def remove(self, document_id: str) -> bool:
        """Delete a document with all that was made of it. False when it is not there."""
        with self._database.transaction() as cursor:
            removed = cursor.execute("DELETE FROM documents WHERE id = ?", (document_id,)).rowcount > 0
            if removed:
                count_change(cursor)
        return removed

    def check_model(self, embedding_model: str) -> None:
        """Raise EmbeddingModelError when the vectors there are come from another model."""
        stored = self._database.value("SELECT value FROM state WHERE name = ?", (_MODEL,))
        if stored not in (None, embedding_model) and self.count():
            raise EmbeddingModelError("embedding_model_differs", stored=stored, model=embedding_model)

    def has(self, document_id: str) -> bool:
        """Whether a document with this SHA-256 is there."""
        return self._database.value("SELECT 1 FROM documents WHERE id = ?", (document_id,)) is not None

    def documents(self) -> list[Document]:
        """All documents, the last added first."""
        rows = self._database.rows(f"SELECT {_DOCUMENT_COLUMNS} FROM documents ORDER BY sequence DESC")
        return [Document(*row) for row in rows]

    def document(self, document_id: str) -> Document | None:
        """One document, or None when it is gone."""
        rows = self._database.rows(f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE id = ?", (document_id,))
        return Document(*rows[0]) if rows else None

    def count(self) -> int:
        """How many documents there are."""
        return int(self._database.value("SELECT count(*) FROM documents"))

    def languages(self) -> frozenset[str]:
        """The languages of the documents."""
        return frozenset(row[0] for row in self._database.rows("SELECT DISTINCT language FROM documents"))

    def text(self, document_id: str) -> str | None:
        """The extracted text that offsets index, or None when the document is gone."""
        text: str | None = self._database.value("SELECT text FROM documents WHERE id = ?", (document_id,))
        return text

    def excerpt(self, document_id: str, start: int, end: int) -> str | None:
        """Characters start to end of a document's text, or None when the document is gone."""
        excerpt: str | None = self._database.value(
            "SELECT substr(text, ?, ?) FROM documents WHERE id = ?", (start + 1, end - start, document_id)
        )
        return excerpt

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of documents, by id; those that are gone are left out."""
        wanted = list(dict.fromkeys(ids))
        marks = ",".join("?" * len(wanted))
        return dict(self._database.rows(f"SELECT id, name FROM documents WHERE id IN ({marks})", wanted))

    def content(self, document_id: str) -> bytes | None:
        """The bytes of the file as it was added, or None when the document is gone."""
        content: bytes | None = self._database.value(
            "SELECT content FROM contents WHERE document_id = ?", (document_id,)
        )
        return content

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id; those that are gone are left out."""
        marks = ",".join("?" * len(ids))
        rows = self._database.rows(
            f"SELECT id, document_id, text, page, start, end FROM passages WHERE id IN ({marks})", list(ids)
        )
        return {row[0]: Passage(*row) for row in rows}

    def passage_ids(self) -> list[int]:
        """The ids of all passages, ascending."""
        return [row[0] for row in self._database.rows("SELECT id FROM passages ORDER BY id")]

    def passage_ids_of(self, document_id: str) -> list[int]:
        """The ids of the passages of one document, in reading order; empty when it is gone."""
        rows = self._database.rows("SELECT id FROM passages WHERE document_id = ? ORDER BY start", (document_id,))
        return [row[0] for row in rows]

    def mean_passage_characters(self) -> float:
        """The mean length of all passages; 0 without one."""
        return float(self._database.value("SELECT avg(end - start) FROM passages") or 0.0)

    def passage_entries(self, after: int = 0, batch: int = 2000) -> Iterator[list[tuple[int, str, np.ndarray]]]:
        """(id, words, vector) of the passages with an id above `after`, batch by batch."""
        import numpy as np

        while True:
            rows: list[tuple[Any, ...]] = self._database.rows(
                "SELECT id, words, vector FROM passages WHERE id > ? ORDER BY id LIMIT ?",
                (after, batch),
            )
            if not rows:
                return
            yield [(i, words, np.frombuffer(vector, dtype="<f4")) for i, words, vector in rows]
            after = rows[-1][0]


def _blob(vector: np.ndarray) -> bytes:
    return vector.astype("<f4").tobytes()
