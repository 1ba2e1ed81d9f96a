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

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from ert_core.document_store import DocumentStore


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


class VectorIndex:
    """Cosine search over the vectors of passages, by row; immutable, like KeywordIndex."""

    def __init__(self, vectors: np.ndarray) -> None:
        """`vectors`: float32, shape (passages, dimension), unit length."""
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        # A view of the vectors that FAISS holds, so that they are in memory once.
        self._vectors = faiss.rev_swig_ptr(self._index.get_xb(), vectors.size).reshape(vectors.shape)

    def __len__(self) -> int:
        return len(self._vectors)

    def extended(self, vectors: np.ndarray) -> VectorIndex:
        """This index with more vectors behind the ones it has."""
        return VectorIndex(np.concatenate([self._vectors, vectors]))

    def without(self, rows: np.ndarray) -> VectorIndex:
        """This index without some rows; the others close up, in order."""
        return VectorIndex(np.delete(self._vectors, rows, axis=0))

    def similarities(self, question: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Cosines of the passages of `rows` to the question, shape (len(rows),)."""
        products: np.ndarray = self._vectors[rows] @ question
        return products

    def nearest(self, question: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """(rows, cosines) of the `k` nearest passages, best first; fewer when there are fewer."""
        k = min(k, len(self))
        if not k:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        cosines, rows = self._index.search(question.reshape(1, -1).astype(np.float32), k)
        return rows[0], cosines[0]

    def as_langchain(self, ids: Sequence[int], store: DocumentStore, embeddings: Embeddings) -> FAISS:
        """A LangChain vector store over this index; `ids[row]` is the passage of each row."""
        return FAISS(
            embedding_function=embeddings,
            index=self._index,
            docstore=PassageDocstore(store),
            index_to_docstore_id={row: str(passage_id) for row, passage_id in enumerate(ids)},
            distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT,
        )
