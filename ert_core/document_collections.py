"""Collections: documents that belong together, under a name, so that a question can be asked of them alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ert_core.database import Database
from ert_core.errors import CollectionError
from ert_core.languages import fold
from ert_core.row_checks import COLLECTION_DOCUMENT_IS_SOUND, COLLECTION_IS_SOUND, OF_COLLECTION
from ert_core.sources import shown_name

NAME_CHARACTERS = 80


@dataclass(frozen=True)
class Collection:
    """A line of the list of collections. `documents` is how many it holds."""

    id: int
    name: str
    documents: int


class DocumentCollections:
    """The collections of one database; a document may be in any number of them. Raises DatabaseError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self) -> list[Collection]:
        """All collections, by name; one that the disk has changed is left out."""
        rows = self._database.rows(
            "SELECT id, name, (SELECT count(*) FROM collection_documents WHERE collection_id = collections.id)"
            f" FROM collections WHERE {COLLECTION_IS_SOUND}"
        )
        return sorted((Collection(*row) for row in rows), key=lambda c: (fold(c.name), c.id))

    def create(self, name: str) -> int:
        """A new, empty collection; returns its id, never used twice. Raises CollectionError: no name, or one taken."""
        with self._database.transaction() as cursor:
            shown = self._free_name(name)
            cursor.execute("INSERT INTO collections (name, checksum) VALUES (?, 0)", (shown,))
            created = int(cursor.lastrowid or 0)
            cursor.execute(f"UPDATE collections SET checksum = checksum({OF_COLLECTION}) WHERE id = ?", (created,))
            return created

    def rename(self, collection: int, name: str) -> None:
        """Give a collection another name. Raises CollectionError: no name, or one that another has."""
        with self._database.transaction() as cursor:
            shown = self._free_name(name, but=collection)
            cursor.execute("UPDATE collections SET name = ? WHERE id = ?", (shown, collection))
            cursor.execute(f"UPDATE collections SET checksum = checksum({OF_COLLECTION}) WHERE id = ?", (collection,))

    def delete(self, collection: int) -> None:
        """Delete a collection; its documents stay in the library."""
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM collections WHERE id = ?", (collection,))

    def add(self, collection: int, documents: Iterable[str]) -> None:
        """Put documents into a collection; those that are gone, or in it already, are passed over."""
        with self._database.transaction() as cursor:
            cursor.executemany(
                "INSERT OR IGNORE INTO collection_documents SELECT ?1, id, checksum(?1, id) FROM documents"
                " WHERE id = ?2 AND EXISTS (SELECT 1 FROM collections WHERE id = ?1)",
                [(collection, document) for document in documents],
            )

    def take_out(self, collection: int, documents: Iterable[str]) -> None:
        """Take documents out of a collection; they stay in the library."""
        with self._database.transaction() as cursor:
            cursor.executemany(
                "DELETE FROM collection_documents WHERE collection_id = ? AND document_id = ?",
                [(collection, document) for document in documents],
            )

    def document_ids(self, collection: int) -> frozenset[str]:
        """The ids of the documents in a collection; none when it is gone."""
        rows = self._database.checked_rows(
            f"SELECT document_id, {COLLECTION_DOCUMENT_IS_SOUND} FROM collection_documents WHERE collection_id = ?",
            (collection,),
        )
        return frozenset(row[0] for row in rows)

    def _free_name(self, name: str, but: int | None = None) -> str:
        """`name` on one line, when no collection but `but` is called so; case and accents do not count."""
        shown = " ".join(shown_name(name).split())[:NAME_CHARACTERS].strip()
        if not shown:
            raise CollectionError("collection_unnamed")
        for collection in self.listed():
            if collection.id != but and fold(collection.name) == fold(shown):
                raise CollectionError("collection_taken", name=collection.name)
        return shown
