"""Documents, their text and their passages in the database: add, remove, list, read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

from ert_core.analysis import ANALYSIS_VERSION, Analysis
from ert_core.database import Database, count_change
from ert_core.errors import DatabaseError
from ert_core.new_document import NewDocument, insert_passages
from ert_core.passages import PageSpan
from ert_core.row_checks import DOCUMENT_IS_SOUND, OF_DOCUMENT, PAGE_IS_SOUND, PASSAGE_IS_SOUND, TEXT_IS_SOUND, sha256
from ert_core.types import Document, Passage
from ert_core.vector_store import ACTIVE_MODEL, set_active

if TYPE_CHECKING:
    from ert_core.sentence_vectors import PassageVector

# "vectors_missing": searches use another model than those the vectors come from.
Saved = Literal["saved", "duplicate", "gone", "vectors_missing"]

_DOCUMENT_COLUMNS = """id, name, media_type, (SELECT count(*) FROM pages WHERE document_id = documents.id), language,
    added_at, size, characters, (SELECT count(*) FROM passages WHERE document_id = documents.id)"""


class DocumentStore:
    """The documents of one database. Raises DatabaseError, also when what is read is not what was saved."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, document: NewDocument, *, without: frozenset[str] = frozenset()) -> Saved:
        """Save a document; the first one of a library makes the first model of its vectors the active one.

        "vectors_missing" when it has none of the active model, which another thread or process may have
        changed; a model of `without` may be missing (it cannot be loaded).
        """
        with self.database.transaction() as cursor:
            if cursor.execute("SELECT 1 FROM documents WHERE id = ?", (document.id,)).fetchone():
                return "duplicate"
            (last,) = cursor.execute("SELECT coalesce(max(sequence), 0) FROM documents").fetchone()
            active = cursor.execute(ACTIVE_MODEL).fetchone()
            if not last or active is None:
                set_active(cursor, next(iter(document.vectors)))
            elif active[0] not in document.vectors and active[0] not in without:
                return "vectors_missing"
            cursor.execute(
                f"INSERT INTO documents ({OF_DOCUMENT}, checksum, text_checksum, text) VALUES"
                " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9),"
                " checksum(?1, ?10), ?10)",
                (
                    document.id,
                    document.name,
                    document.media_type,
                    document.analysis.language,
                    len(document.content),
                    len(document.text),
                    datetime.now(timezone.utc).isoformat(timespec="seconds"),
                    last + 1,
                    ANALYSIS_VERSION,
                    document.text,
                ),
            )
            cursor.execute("INSERT INTO contents VALUES (?, ?)", (document.id, document.content))
            cursor.executemany(
                "INSERT INTO pages VALUES (?1, ?2, ?3, ?4, ?5, checksum(?1, ?2, ?3, ?4, ?5))",
                [(document.id, i, p.number, p.start, p.end) for i, p in enumerate(document.pages)],
            )
            insert_passages(cursor, document.id, document.text, document.analysis, document.vectors)
            count_change(cursor)
        return "saved"

    def replace_analysis(
        self,
        document_id: str,
        analysis: Analysis,
        vectors: Mapping[str, Sequence[PassageVector]],
        *,
        without: frozenset[str] = frozenset(),
    ) -> Saved:
        """Give a document new passages, words and vectors; "gone" when it was deleted. Otherwise as `add`."""
        with self.database.transaction() as cursor:
            text, document = self.text(document_id), self.document(document_id)  # a new checksum must bless no damage
            if text is None or document is None:
                return "gone"
            (active,) = cursor.execute(ACTIVE_MODEL).fetchone()
            if active not in vectors and active not in without:
                return "vectors_missing"
            cursor.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
            cursor.execute(
                "UPDATE documents SET language = ?, analysis = ? WHERE id = ?",
                (analysis.language, ANALYSIS_VERSION, document_id),
            )
            cursor.execute(f"UPDATE documents SET checksum = checksum({OF_DOCUMENT}) WHERE id = ?", (document_id,))
            insert_passages(cursor, document_id, text, analysis, vectors)
            count_change(cursor)
        return "saved"

    def remove(self, document_id: str) -> bool:
        """Delete a document with all that was made of it. False when it is not there."""
        with self.database.transaction() as cursor:
            removed = cursor.execute("DELETE FROM documents WHERE id = ?", (document_id,)).rowcount > 0
            if removed:
                count_change(cursor)
        if removed:
            self.database.forget_copies()
        return removed

    def rename(self, document_id: str, name: str, new_name: str) -> None:
        """Give a document another name, where it still has the name `name`."""
        with self.database.transaction() as cursor:
            document = self.document(document_id)  # a new checksum must bless no damage
            if document is not None and document.name == name != new_name:
                cursor.execute("UPDATE documents SET name = ? WHERE id = ?", (new_name, document_id))
                cursor.execute(f"UPDATE documents SET checksum = checksum({OF_DOCUMENT}) WHERE id = ?", (document_id,))
                count_change(cursor)

    def has(self, document_id: str) -> bool:
        """Whether a document with this SHA-256 is there."""
        return self.database.value("SELECT 1 FROM documents WHERE id = ?", (document_id,)) is not None

    def documents(self) -> list[Document]:
        """All documents, those first that the disk has changed, then the last added."""
        changed = self.database.rows(
            f"SELECT CAST(id AS BLOB), CAST(name AS BLOB) FROM documents WHERE ({DOCUMENT_IS_SOUND}) IS NOT 1"
        )
        rows = self.database.rows(
            f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE {DOCUMENT_IS_SOUND} ORDER BY sequence DESC"
        )
        return [_damaged(*row) for row in changed] + [Document(*row) for row in rows]

    def document(self, document_id: str) -> Document | None:
        """One document, or None when it is gone."""
        rows = self.database.checked_rows(
            f"SELECT {_DOCUMENT_COLUMNS}, {DOCUMENT_IS_SOUND} FROM documents WHERE id = ?", (document_id,)
        )
        return Document(*rows[0]) if rows else None

    def last_added(self, most: int) -> list[tuple[str, str]]:
        """(id, language) of the last documents added that are as they were saved."""
        query = f"SELECT id, language FROM documents WHERE {DOCUMENT_IS_SOUND} ORDER BY sequence DESC LIMIT ?"
        return [(row[0], row[1]) for row in self.database.rows(query, (most,))]

    def count(self) -> int:
        """How many documents there are."""
        return int(self.database.value("SELECT count(*) FROM documents"))

    def languages(self) -> frozenset[str]:
        """The languages of the documents."""
        return frozenset(row[0] for row in self.database.rows("SELECT DISTINCT language FROM documents"))

    def text(self, document_id: str) -> str | None:
        """The extracted text that offsets index, or None when the document is gone."""
        query = f"SELECT text, {TEXT_IS_SOUND} FROM documents WHERE id = ?"
        rows = self.database.checked_rows(query, (document_id,))
        return str(rows[0][0]) if rows else None

    def excerpt(self, document_id: str, start: int, end: int) -> str | None:
        """Characters start to end of a document's text as the disk has it, or None when the document is gone."""
        excerpt: str | None = self.database.value(
            "SELECT substr(text, ?, ?) FROM documents WHERE id = ?", (start + 1, end - start, document_id)
        )
        return excerpt

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of documents, by id; those that are gone are left out."""
        wanted = list(dict.fromkeys(ids))
        marks = ",".join("?" * len(wanted))
        query = f"SELECT id, name, {DOCUMENT_IS_SOUND} FROM documents WHERE id IN ({marks})"
        return dict(self.database.checked_rows(query, wanted))

    def names_and_languages(self) -> list[tuple[str, str, str]]:
        """(id, name, language) of every document."""
        rows = self.database.checked_rows(f"SELECT id, name, language, {DOCUMENT_IS_SOUND} FROM documents")
        return [(i, name, language) for i, name, language in rows]

    def content(self, document_id: str) -> bytes | None:
        """The bytes of the file as it was added, or None when the document is gone. Their SHA-256 is its id."""
        content: bytes | None = self.database.value(
            "SELECT content FROM contents WHERE document_id = ?", (document_id,)
        )
        if content is not None and sha256(content) != document_id:
            raise DatabaseError("row_damaged", path=self.database.path)
        return content

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id; those that are gone are left out."""
        marks = ",".join("?" * len(ids))
        query = (
            f"SELECT id, document_id, text, page, start, end, {PASSAGE_IS_SOUND} FROM passages WHERE id IN ({marks})"
        )
        rows = self.database.checked_rows(query, list(ids))
        return {row[0]: Passage(*row) for row in rows}

    def pages(self, document_id: str) -> list[PageSpan]:
        """The pages of a document, in order."""
        rows = self.database.checked_rows(
            f"SELECT number, start, end, {PAGE_IS_SOUND} FROM pages WHERE document_id = ? ORDER BY position",
            (document_id,),
        )
        return [PageSpan(*row) for row in rows]

    def passage_ids(self) -> list[int]:
        """The ids of all passages, ascending."""
        return [row[0] for row in self.database.rows("SELECT id FROM passages ORDER BY id")]

    def outdated(self) -> list[tuple[str, int]]:
        """(id, passages) of the documents that an older version of the analysis split, the last added first."""
        return self.database.rows(
            "SELECT id, (SELECT count(*) FROM passages WHERE document_id = documents.id) FROM documents"
            " WHERE analysis < ? ORDER BY sequence DESC",
            (ANALYSIS_VERSION,),
        )

    def passage_ids_of(self, document_id: str) -> list[int]:
        """The ids of the passages of one document, in reading order; empty when it is gone."""
        rows = self.database.rows("SELECT id FROM passages WHERE document_id = ? ORDER BY start", (document_id,))
        return [row[0] for row in rows]

    def mean_passage_characters(self) -> float:
        """The mean length of all passages; 0 without one."""
        return float(self.database.value("SELECT avg(end - start) FROM passages") or 0.0)


def _damaged(document_id: bytes, name: bytes) -> Document:
    """What is left to show of a document whose row the disk has changed: it can be deleted."""
    shown = name.decode("utf-8", "replace")
    return Document(document_id.decode("utf-8", "replace"), shown, "", 0, "", "", 0, 0, 0, damaged=True)
