"""LangChain's FAISS store over a docstore that reads the database. A cache: it can be rebuilt at any time.

langchain-community is in maintenance only, so it is met here and nowhere else; `load_local` is never
called (it unpickles). Import this module lazily: it brings in faiss and langchain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import faiss
import numpy as np
from langchain_community.docstore.base import Docstore
from langchain_community.vectorstores.faiss import FAISS
from langchain_community.vectorstores.utils import DistanceStrategy
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings

from ert_core.sentence_vectors import SCALE

if TYPE_CHECKING:
    from ert_core.document_store import DocumentStore

# FAISS keeps a signed 8-bit number as itself plus this.
ZERO = 128


class PassageDocstore(Docstore):  # type: ignore[misc]  # langchain-community has no types
    """Passages as LangChain documents, read from the database by passage id."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def search(self, search: str) -> str | LangChainDocument:
        """The passage with this id; a sentence when it is gone (LangChain's contract)."""
        passage = self._store.passages([int(search)]).get(int(search))
        if passage is None:
            return f"ID {search} not found."
        document = self._store.document(passage.document_id)
        return LangChainDocument(
            id=search,
            page_content=passage.text,
            metadata={
                "source": document.name if document else "",
                "document_id": passage.document_id,
                "page": passage.page,
                "start": passage.start,
                "end": passage.end,
            },
        )


class _Scaled(Embeddings):
    """Questions as the index takes them: vectors of integers."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [_scaled(vector) for vector in self._embeddings.embed_documents(texts)]

    def embed_query(self, text: str) -> list[float]:
        return _scaled(self._embeddings.embed_query(text))


class VectorIndex:
    """Cosine search over the vectors of passages, by row; immutable, like KeywordIndex.

    The vectors are held as 8-bit integers: a quarter of the memory, read ten times as fast, and cosines
    less than 0.01 away (docs/decisions.md).
    """

    def __init__(self, vectors: np.ndarray) -> None:
        """`vectors`: float32, shape (passages, dimension), unit length."""
        self._index = _empty(vectors.shape[1])
        self._index.add(np.round(vectors * SCALE).astype(np.float32))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def extended(self, vectors: np.ndarray) -> VectorIndex:
        """This index with more vectors behind the ones it has."""
        added = VectorIndex(vectors)
        return self._of_codes(np.concatenate([self._codes, added._codes]))

    def without(self, rows: np.ndarray) -> VectorIndex:
        """This index without some rows; the others close up, in order."""
        return self._of_codes(np.delete(self._codes, rows, axis=0))

    def similarities(self, question: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Cosines of the passages of `rows` to the question, shape (len(rows),)."""
        products: np.ndarray = (self._codes[rows].astype(np.float32) - ZERO) @ question / SCALE
        return products

    def nearest(self, question: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """(rows, cosines) of the `k` nearest passages, best first; fewer when there are fewer."""
        k = min(k, len(self))
        if not k:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        # FAISS cuts a question to integers too, so it takes up their whole range.
        scale = SCALE / max(float(np.abs(question).max()), 1e-9)
        products, rows = self._index.search(np.round(question * scale).reshape(1, -1).astype(np.float32), k)
        return rows[0], products[0] / (scale * SCALE)

    @property
    def _codes(self) -> np.ndarray:
        """A view of the codes that FAISS holds: uint8, shape (passages, dimension)."""
        shape = (len(self), self._index.d)
        if not len(self):
            return np.zeros(shape, dtype=np.uint8)
        codes: np.ndarray = faiss.rev_swig_ptr(self._index.codes.data(), shape[0] * shape[1]).reshape(shape)
        return codes

    def _of_codes(self, codes: np.ndarray) -> VectorIndex:
        index = VectorIndex.__new__(VectorIndex)
        index._index = _empty(codes.shape[1])
        index._index.add_sa_codes(np.ascontiguousarray(codes))
        return index

    def as_langchain(self, ids: Sequence[int], store: DocumentStore, embeddings: Embeddings) -> FAISS:
        """A LangChain vector store over this index; `ids[row]` is the passage of each row.

        Its scores are SCALE * SCALE times the cosine.
        """
        return FAISS(
            embedding_function=_Scaled(embeddings),
            index=self._index,
            docstore=PassageDocstore(store),
            index_to_docstore_id={row: str(passage_id) for row, passage_id in enumerate(ids)},
            distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT,
        )


def _scaled(vector: list[float]) -> list[float]:
    return [float(round(x * SCALE)) for x in vector]


def _empty(dimension: int) -> faiss.IndexScalarQuantizer:
    return faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
    )
