"""Question -> passages: BM25 and cosine fused by score, with an evidence score.

Scores are fused, not ranks: reciprocal-rank fusion was measured at 0.65 against 0.87 (docs/decisions.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ert_core.languages import STEMMED_LANGUAGES, detect_language, is_stop_word, stem, words
from ert_core.library import Library
from ert_core.types import Citation, Retrieved, ScoredPassage

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.retrievers import BaseRetriever

    from ert_core.library_index import Snapshot

CANDIDATES = 50
# What the cosine adds to BM25, which is brought to [0, 1] by its best value.
DENSE_WEIGHT = 0.5
# Evidence is this share of word coverage and the rest of cosine; below the floor ERT says no.
# Measured on the question sets of docs/decisions.md: 5 % of answerable questions lie below.
COVERAGE_SHARE = 0.6
EVIDENCE_FLOOR = {"fr": 0.43, "en": 0.42}


@dataclass(frozen=True)
class QuestionTerms:
    """The words of a question that carry its subject, each with its stems in every language of the library."""

    language: str
    groups: tuple[frozenset[str], ...]


class Retriever:
    """Finds the passages of one library for a question."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def search(self, question: str, k: int = 5) -> Retrieved:
        """The best `k` passages, best first, and how far they hold an answer."""
        snapshot = self._library.index.snapshot()
        terms = question_terms(question, snapshot.languages)
        if snapshot.vectors is None or not len(snapshot.vectors):
            return Retrieved(question, terms.language, (), 0.0, False)
        scored, evidence = self._ranked(snapshot, question, terms, k)
        floor = EVIDENCE_FLOOR.get(terms.language, max(EVIDENCE_FLOOR.values()))
        return Retrieved(question, terms.language, tuple(scored), evidence, bool(scored) and evidence >= floor)

    def word_weights(self, terms: QuestionTerms) -> list[float]:
        """The inverse document frequency of each word of a question in the library."""
        keywords = self._library.index.snapshot().keywords
        return [keywords.idf(group) for group in terms.groups]

    def terms(self, question: str) -> QuestionTerms:
        """The words of a question that retrieval looks for."""
        return question_terms(question, self._library.index.snapshot().languages)

    def holds(self, citation: Citation) -> bool:
        """Whether the cited document is there and holds the quote at its own offsets."""
        excerpt = self._library.store.excerpt(citation.document_id, citation.start, citation.end)
        return excerpt == citation.quote

    def as_retriever(self, k: int = 5) -> BaseRetriever:
        """This retriever behind LangChain's interface."""
        from ert_core.langchain_retriever import ErtRetriever

        return ErtRetriever(retriever=self, k=k)

    def _ranked(
        self, snapshot: Snapshot, question: str, terms: QuestionTerms, k: int
    ) -> tuple[list[ScoredPassage], float]:
        import numpy as np

        vectors = snapshot.vectors
        if vectors is None:
            return [], 0.0
        lexical = snapshot.keywords.search(terms.groups)
        vector = self._library.embedders.named(snapshot.model).encode_question(question)
        near, _ = vectors.nearest(vector, CANDIDATES)
        rows = np.union1d(near, _best_rows(lexical.scores, CANDIDATES))
        cosines = np.clip(vectors.similarities(vector, rows), 0.0, 1.0)
        best = float(lexical.scores.max(initial=0.0))
        bm25 = lexical.scores[rows] / best if best > 0 else np.zeros(len(rows), dtype=np.float32)
        scores = (bm25 + DENSE_WEIGHT * cosines) / (1 + DENSE_WEIGHT)
        order = np.lexsort((rows, -scores))[:k]
        evidence = COVERAGE_SHARE * lexical.coverage[rows] + (1 - COVERAGE_SHARE) * cosines
        found = self._library.store.passages([int(snapshot.ids[rows[i]]) for i in order])
        names = self._library.store.names(p.document_id for p in found.values())
        scored = []
        for i in order:
            passage = found.get(int(snapshot.ids[rows[i]]))
            if passage is None or passage.document_id not in names:  # deleted since the snapshot was taken
                continue
            scored.append(
                ScoredPassage(passage, names[passage.document_id], float(scores[i]), float(bm25[i]), float(cosines[i]))
            )
        return scored, float(evidence[order].max(initial=0.0))


def question_terms(question: str, library_languages: frozenset[str]) -> QuestionTerms:
    """The words to look for. When all are stop words, all of them."""
    default = next(iter(library_languages & set(STEMMED_LANGUAGES)), "en") if len(library_languages) == 1 else "en"
    language = detect_language(question, default)
    asked = list(dict.fromkeys(words(question)))
    content = [w for w in asked if not is_stop_word(w, language)] or asked
    stem_languages = (library_languages | {language}) & set(STEMMED_LANGUAGES)
    groups = dict.fromkeys(frozenset({stem(w, other) for other in stem_languages} | {w}) for w in content)
    return QuestionTerms(language, tuple(groups))


def _best_rows(scores: np.ndarray, k: int) -> np.ndarray:
    """The rows of the `k` best scores above zero, in any order."""
    import numpy as np

    if len(scores) > k:
        rows = np.argpartition(-scores, k)[:k]
    else:
        rows = np.arange(len(scores))
    return rows[scores[rows] > 0]
