"""What a disk has changed in passages and vectors, and the documents they can be made again from."""

from __future__ import annotations

from ert_core.database import Database
from ert_core.errors import DatabaseError
from ert_core.row_checks import MEAN_IS_SOUND, PASSAGE_IS_SOUND, SENTENCES_ARE_SOUND

_LOST_PASSAGES = f"({PASSAGE_IS_SOUND}) IS NOT 1 AND document_id NOT IN (SELECT id FROM documents)"
_LOST_VECTORS = "passage_id NOT IN (SELECT id FROM passages)"


def documents_to_repair(database: Database) -> list[str]:
    """The ids of documents with a passage or a vector that is not as it was saved. Reads the whole database.

    Raises DatabaseError where a passage is of no document any more, and none holds its text.
    """
    found = database.rows(
        "SELECT DISTINCT document_id FROM vectors JOIN passages ON id = passage_id"
        f" WHERE ({MEAN_IS_SOUND} AND {SENTENCES_ARE_SOUND}) IS NOT 1 AND document_id IN (SELECT id FROM documents)"
    )
    found += database.rows(
        f"SELECT DISTINCT document_id FROM passages WHERE ({PASSAGE_IS_SOUND}) IS NOT 1"
        " AND document_id IN (SELECT id FROM documents)"
    )
    lost = database.rows(f"SELECT start, end, CAST(text AS BLOB) FROM passages WHERE {_LOST_PASSAGES}")
    for start, end, text in lost:
        holding = database.rows(
            "SELECT id FROM documents WHERE CAST(substr(text, ?, ?) AS BLOB) = ?", (start + 1, end - start, text)
        )
        if not holding:
            raise DatabaseError("row_damaged", path=database.path)
        found += holding
    return list(dict.fromkeys(row[0] for row in found))


def forget_lost(database: Database) -> None:
    """Delete passages of no document, once theirs have been made again, and vectors of no passage."""
    with database.transaction() as cursor:
        cursor.execute(f"DELETE FROM passages WHERE {_LOST_PASSAGES}")
        cursor.execute(f"DELETE FROM vectors WHERE {_LOST_VECTORS}")
