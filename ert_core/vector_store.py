"""The vectors of passages in the database, by embedding model; one model is active: searches use its vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ert_core.analysis import Sentence, from_line_text
from ert_core.cpu_budget import pause
from ert_core.database import Database, count_change
from ert_core.row_checks import MEAN_IS_SOUND, PASSAGE_IS_SOUND, SENTENCES_ARE_SOUND

if TYPE_CHECKING:
    import sqlite3

    import numpy as np

    from ert_core.sentence_vectors import PassageVector

ACTIVE_MODEL = "SELECT value FROM state WHERE name = 'embedding_model'"
# Rows deleted in one transaction: the database is locked, and what is deleted is overwritten.
DELETED_AT_ONCE = 1000


class VectorStore:
    """The vectors of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def active_model(self) -> str | None:
        """The name of the model whose vectors searches use; None before the first document."""
        return self._database.state("embedding_model")

    def ids(self, model: str) -> list[int]:
        """The passages that have a vector of `model`, ascending."""
        rows = self._database.rows("SELECT passage_id FROM vectors WHERE model = ? ORDER BY passage_id", (model,))
        return [row[0] for row in rows]

    def entries(
        self, model: str, after: int = 0, batch: int = 200
    ) -> Iterator[list[tuple[int, str, list[str], np.ndarray]]]:
        """(id, document id, stems, vector of `model`) of the passages with an id above `after`, batch by batch.

        Passages that have no vector of `model` yet are left out.
        """
        import numpy as np

        while True:
            rows: list[tuple[Any, ...]] = self._database.checked_rows(
                "SELECT id, document_id, words, vector,"
                f" {PASSAGE_IS_SOUND} AND {MEAN_IS_SOUND}"
                " FROM passages JOIN vectors ON passage_id = id AND model = ? WHERE id > ? ORDER BY id LIMIT ?",
                (model, after, batch),
            )
            if not rows:
                return
            pause()
            yield [
                (i, document, [stem for s in from_line_text(words) for stem in s.stems], np.frombuffer(v, dtype="<f4"))
                for i, document, words, v in rows
            ]
            after = rows[-1][0]

    def sentences(self, ids: Sequence[int], model: str) -> dict[int, tuple[list[Sentence], np.ndarray]]:
        """The sentences of passages by passage id, and their vectors of `model`: int8, shape (sentences, dimension).

        Passages that are gone, or have no vector of `model`, are left out; the vectors of a database that
        was brought forward are empty until its documents are analysed again.
        """
        import numpy as np

        marks = ",".join("?" * len(ids))
        rows = self._database.checked_rows(
            f"SELECT id, words, sentences, length(vector) / 4, {SENTENCES_ARE_SOUND}"
            f" FROM passages JOIN vectors ON passage_id = id AND model = ? WHERE id IN ({marks})",
            [model, *ids],
        )
        return {
            i: (from_line_text(words), np.frombuffer(vectors, dtype=np.int8).reshape(-1, dimension))
            for i, words, vectors, dimension in rows
        }

    def count_missing(self, model: str) -> int:
        """How many passages have no vector of `model`."""
        counts = "(SELECT count(*) FROM passages) - (SELECT count(*) FROM vectors WHERE model = ?)"
        return int(self._database.value(f"SELECT {counts}", (model,)))

    def missing(self, model: str, after: int, limit: int) -> list[tuple[int, str, int, int]]:
        """(id, document id, start, end) of the next passages above `after` that have no vector of `model`."""
        return self._database.rows(
            "SELECT id, document_id, start, end FROM passages WHERE id > ? AND NOT EXISTS"
            " (SELECT 1 FROM vectors WHERE passage_id = id AND model = ?) ORDER BY id LIMIT ?",
            (after, model, limit),
        )

    def add(self, model: str, ids: Sequence[int], vectors: Sequence[PassageVector]) -> None:
        """Save vectors, `vectors[i]` of passage `ids[i]`; passages deleted meanwhile are passed over."""
        with self._database.transaction() as cursor:
            cursor.executemany(
                "INSERT OR IGNORE INTO vectors SELECT id, ?1, ?2, ?3, checksum(?1, ?2), checksum(?1, ?3)"
                " FROM passages WHERE id = ?4",
                [(model, *as_blobs(vector), passage_id) for passage_id, vector in zip(ids, vectors, strict=True)],
            )

    def activate(self, model: str) -> bool:
        """Let searches use `model` from now on; False, and nothing done, while a passage has no vector of it."""
        with self._database.transaction() as cursor:
            if self.count_missing(model):
                return False
            set_active(cursor, model)
            count_change(cursor)
        return True

    def has_others(self, models: Sequence[str]) -> bool:
        """Whether there are vectors of models that are not among `models`."""
        marks = ",".join("?" * len(models))
        found = self._database.value(f"SELECT EXISTS (SELECT 1 FROM vectors WHERE model NOT IN ({marks}))", models)
        return bool(found)

    def delete_others(self, models: Sequence[str]) -> bool:
        """Delete some vectors of models that are not among `models`; False when there are none left."""
        marks = ",".join("?" * len(models))
        chosen = f"SELECT rowid FROM vectors WHERE model NOT IN ({marks}) LIMIT {DELETED_AT_ONCE}"
        with self._database.transaction() as cursor:
            return cursor.execute(f"DELETE FROM vectors WHERE rowid IN ({chosen})", models).rowcount > 0


def set_active(cursor: sqlite3.Cursor, model: str) -> None:
    """Note the active model, inside a transaction."""
    row = ("embedding_model", model)
    cursor.execute("INSERT OR REPLACE INTO state VALUES (?1, ?2, checksum(?1, ?2))", row)


def as_blobs(vector: PassageVector) -> tuple[bytes, bytes]:
    """The vectors of a passage and of its sentences as the database holds them."""
    return vector.mean.astype("<f4").tobytes(), vector.sentences.tobytes()
