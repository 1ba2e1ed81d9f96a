"""A document to be saved, with its passages and their vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ert_core.analysis import Analysis, to_line_text
from ert_core.passages import PageSpan
from ert_core.row_checks import OF_PASSAGE
from ert_core.vector_store import as_blobs

if TYPE_CHECKING:
    import sqlite3

    from ert_core.sentence_vectors import PassageVector


@dataclass(frozen=True)
class NewDocument:
    """Everything that is saved for one document, in one transaction.

    `vectors[model][i]` belongs to `analysis.passages[i]`.
    """

    id: str
    name: str
    media_type: str
    content: bytes
    text: str
    pages: Sequence[PageSpan]
    analysis: Analysis
    vectors: Mapping[str, Sequence[PassageVector]]


def insert_passages(
    cursor: sqlite3.Cursor,
    document_id: str,
    text: str,
    analysis: Analysis,
    vectors: Mapping[str, Sequence[PassageVector]],
) -> None:
    """Save the passages of a document with their vectors, within the transaction of `cursor`."""
    for i, (passage, sentences) in enumerate(zip(analysis.passages, analysis.sentences, strict=True)):
        cursor.execute(
            f"INSERT INTO passages ({OF_PASSAGE}, checksum)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, checksum(?1, ?2, ?3, ?4, ?5, ?6))",
            (
                document_id,
                passage.page,
                passage.start,
                passage.end,
                text[passage.start : passage.end],
                to_line_text(sentences),
            ),
        )
        cursor.executemany(
            "INSERT INTO vectors VALUES (?1, ?2, ?3, ?4, checksum(?2, ?3), checksum(?2, ?4))",
            [(cursor.lastrowid, model, *as_blobs(of_model[i])) for model, of_model in vectors.items()],
        )
