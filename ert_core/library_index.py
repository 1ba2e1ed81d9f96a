"""The in-memory indexes of a library at one generation of the database.

A snapshot is immutable: a search works on the one it took, whatever is added or removed meanwhile.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ert_core.cpu_budget import pause
from ert_core.database import Database
from ert_core.document_store import DocumentStore
from ert_core.keyword_index import KeywordIndex
from ert_core.languages import STEMMED_LANGUAGES, stems
from ert_core.vector_store import VectorStore

if TYPE_CHECKING:
    import numpy as np

    from ert_core.vector_index import VectorIndex

# Passages whose words are indexed between two pauses for the CPU budget.
PACED_PASSAGES = 200


@dataclass(frozen=True)
class DocumentTable:
    """The documents of a snapshot, by number: `of_row[r]` is that of passage row r.

    The rows of a document follow one another (its passages are saved in one transaction): `sizes` counts
    them from `first_row` on. A document that is gone keeps its number, with no passage. `named[stem]` are
    the documents with that word in their name.
    """

    numbers: dict[str, int]
    of_row: np.ndarray
    first_row: np.ndarray
    sizes: np.ndarray
    languages: tuple[str, ...]
    named: dict[str, frozenset[int]]

    def rows_of(self, documents: Collection[str]) -> np.ndarray:
        """The rows of the passages of these documents, ascending; those that are gone have none."""
        import numpy as np

        numbers = [self.numbers[i] for i in documents if i in self.numbers]
        return np.flatnonzero(np.isin(self.of_row, numbers))


@dataclass(frozen=True)
class Snapshot:
    """Row r of both indexes is the passage `ids[r]`; `languages` are those of the documents.

    `vectors` are those of the embedding model `model`, which has to embed the question too; None while
    there is no passage at all.
    """

    generation: int
    model: str
    ids: np.ndarray
    documents: DocumentTable
    languages: frozenset[str]
    keywords: KeywordIndex
    vectors: VectorIndex | None


class LibraryIndex:
    """Keeps the snapshot of one database up to date, other processes' changes included."""

    def __init__(self, database: Database, store: DocumentStore, vectors: VectorStore) -> None:
        self._database = database
        self._store = store
        self._vectors = vectors
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """The indexes at the present generation; reads only what changed since the last call."""
        with self._lock:
            while True:
                generation, model = self._database.generation(), self._vectors.active_model() or ""
                if self._snapshot is None or (self._snapshot.generation, self._snapshot.model) != (generation, model):
                    self._snapshot = self._refreshed(self._snapshot, generation, model)
                # The model may have changed, and its vectors gone, while they were read.
                if (self._vectors.active_model() or "") == model:
                    return self._snapshot

    def _refreshed(self, old: Snapshot | None, generation: int, model: str) -> Snapshot:
        import numpy as np

        from ert_core.vector_index import VectorIndex

        present = np.array(self._vectors.ids(model), dtype=np.int64)
        last = int(old.ids[-1]) if old is not None and len(old.ids) else 0
        # Ids of passages only grow: what is new lies above the last one, unless it got its vector late.
        late = old is not None and not np.isin(present[present <= last], old.ids).all()
        if old is not None and (old.model != model or late):
            old, last = None, 0
        ids = old.ids if old else np.zeros(0, dtype=np.int64)
        numbers = dict(old.documents.numbers) if old else {}
        of_row = old.documents.of_row if old else np.zeros(0, dtype=np.int32)
        keywords = old.keywords if old else KeywordIndex.empty()
        vectors = old.vectors if old else None

        gone = np.flatnonzero(~np.isin(ids, present))
        if len(gone):
            ids, of_row = np.delete(ids, gone), np.delete(of_row, gone)
            keywords = keywords.without(gone)
            vectors = vectors.without(gone) if vectors is not None else None

        new_ids: list[int] = []
        new_documents: list[int] = []
        new_words: list[Sequence[str]] = []
        new_vectors: list[np.ndarray] = []
        for batch in self._vectors.entries(model, after=last):
            for passage_id, document_id, words, vector in batch:
                new_ids.append(passage_id)
                new_documents.append(numbers.setdefault(document_id, len(numbers)))
                new_words.append(words)
                new_vectors.append(vector)
        if new_ids:
            ids = np.concatenate([ids, np.array(new_ids, dtype=np.int64)])
            of_row = np.concatenate([of_row, np.array(new_documents, dtype=np.int32)])
            keywords = keywords.extended(_paced(new_words))
            added = np.stack(new_vectors)
            vectors = VectorIndex(added) if vectors is None or not len(vectors) else vectors.extended(added)
        documents = self._document_table(numbers, of_row)
        return Snapshot(generation, model, ids, documents, self._store.languages(), keywords, vectors)

    def _document_table(self, numbers: dict[str, int], of_row: np.ndarray) -> DocumentTable:
        import numpy as np

        languages = [""] * len(numbers)
        named: dict[str, set[int]] = defaultdict(set)
        for document_id, name, language in self._store.names_and_languages():
            number = numbers.get(document_id)
            if number is None:
                continue
            languages[number] = language
            for stem_language in STEMMED_LANGUAGES:
                for stem in stems(name.rpartition(".")[0] or name, stem_language):
                    named[stem].add(number)
        present, firsts = np.unique(of_row, return_index=True)
        first_row = np.zeros(len(numbers), dtype=np.int64)
        first_row[present] = firsts
        return DocumentTable(
            numbers,
            of_row,
            first_row,
            np.bincount(of_row, minlength=len(numbers)),
            tuple(languages),
            {stem: frozenset(found) for stem, found in named.items()},
        )


def _paced(passages: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The same, with a pause for the CPU budget now and then."""
    for number, words in enumerate(passages):
        if not number % PACED_PASSAGES:
            pause()
        yield words
