"""FAISS behind LangChain's interface, over the database."""

import numpy as np
from langchain_community.vectorstores.faiss import FAISS

from ert_core.assistant import Assistant
from ert_core.vector_index import PassageDocstore, VectorIndex


def unit(*rows: list[float]) -> np.ndarray:
    array = np.array(rows, dtype=np.float32)
    return array / np.linalg.norm(array, axis=1, keepdims=True)


VECTORS = unit([1, 0, 0], [0, 1, 0], [1, 1, 0])


def test_nearest_are_by_cosine_best_first() -> None:
    rows, cosines = VectorIndex(VECTORS).nearest(VECTORS[0], 2)
    assert rows.tolist() == [0, 2]
    assert np.allclose(cosines, [1.0, 2**-0.5], atol=0.01)
    assert np.allclose(VectorIndex(VECTORS).similarities(VECTORS[0], np.array([1, 2])), [0.0, 2**-0.5], atol=0.01)


def test_whole_numbers_find_what_exact_cosines_find() -> None:
    vectors = np.random.default_rng(0).normal(size=(2000, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    questions, passages = vectors[:20] + vectors[20:40], vectors[20:]
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    index = VectorIndex(passages[:900]).extended(passages[900:])
    for question in questions:
        exact = passages @ question
        rows, cosines = index.nearest(question, 100)
        assert np.abs(cosines - exact[rows]).max() < 0.01
        assert np.abs(index.similarities(question, rows) - exact[rows]).max() < 0.01
        best = set(np.argsort(-exact)[:50].tolist())
        assert len(best & set(rows.tolist())) >= 49


def test_asking_for_more_than_there_is() -> None:
    assert len(VectorIndex(VECTORS).nearest(VECTORS[0], 10)[0]) == 3
    assert len(VectorIndex(np.zeros((0, 3), dtype=np.float32)).nearest(VECTORS[0], 10)[0]) == 0


def test_an_index_never_changes() -> None:
    index = VectorIndex(VECTORS[:2])
    assert index.extended(VECTORS[2:]).nearest(VECTORS[2], 1)[0].tolist() == [2]
    assert index.without(np.array([0])).nearest(VECTORS[0], 1)[0].tolist() == [0]
    assert len(index) == 2 and index.nearest(VECTORS[0], 1)[0].tolist() == [0]


def test_langchain_reads_passages_from_the_database(filled: Assistant) -> None:
    snapshot = filled.library.index.snapshot()
    assert snapshot.vectors is not None
    store = snapshot.vectors.as_langchain([int(i) for i in snapshot.ids], filled.library.store, filled.embeddings())
    assert isinstance(store, FAISS)
    found = store.similarity_search("electrode spacing of the survey", k=1)
    assert found[0].metadata["source"] == "harbour-lane.txt"
    assert "72 electrodes" in found[0].page_content
    assert PassageDocstore(filled.library.store).search("999999") == "ID 999999 not found."


def test_the_retriever_follows_langchains_interface(filled: Assistant) -> None:
    documents = filled.retriever.as_retriever(k=2).invoke("Quelle est la profondeur du forage F2 ?")
    assert documents[0].metadata["source"] == "combe-noire.md"
    text = filled.library.store.text(documents[0].metadata["document_id"])
    assert text is not None
    assert text[documents[0].metadata["start"] : documents[0].metadata["end"]] == documents[0].page_content
