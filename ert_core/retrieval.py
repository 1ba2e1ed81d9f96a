"""Question -> passages: words and vectors find the candidates, which are then ranked with their sentences.

Scores are fused, not ranks: reciprocal-rank fusion was measured at 0.65 against 0.87 (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ert_core.analysis import Sentence
from ert_core.answer_types import asked_for
from ert_core.errors import DatabaseError
from ert_core.evidence import FLOORS, LanguageCase, evidence
from ert_core.languages import STEMMED_LANGUAGES, detect_language, is_stop_word, stem, words
from ert_core.library import Library
from ert_core.ranking import Parts, Weights, parts_of
from ert_core.types import Citation, Passage, Retrieved, ScoredPassage, ScoredSentence

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.retrievers import BaseRetriever

    from ert_core.library_index import Snapshot

# Passages taken from each side, and how many of them are ranked with their sentences.
CANDIDATES = 100
RANKED = 40
# What the cosine adds to BM25, brought to [0, 1] by its best value, when those are chosen.
DENSE_WEIGHT = 0.5
# One set of weights for all: others for passages in another language than the question's were no better
# with a bilingual model, and worse with an English one (docs/quality.md).
WEIGHTS = Weights(words=3.0, mean=1.0, nearest=2.0, covered=1.0, kind=0.65)
# What the parts of a sentence count when the best ones are quoted.
QUOTE_COVERED, QUOTE_EXACT, QUOTE_COSINE, QUOTE_KIND = 1.0, 0.5, 1.0, 0.7


@dataclass(frozen=True)
class QuestionTerms:
    """The words of a question that carry its subject, each with its stems in every language of the library.

    `bare` marks a question of function words alone ("et où ?"): they are looked for, and prove nothing.
    """

    language: str
    groups: tuple[frozenset[str], ...]
    bare: bool


class Retriever:
    """Finds the passages of one library for a question."""

    def __init__(self, library: Library, repair: Callable[[], bool] = lambda: False) -> None:
        """`repair` makes passages and vectors again that the disk has changed; False when it cannot."""
        self._library = library
        self._repair = repair

    def search(self, question: str, k: int = 5, documents: Collection[str] | None = None) -> Retrieved:
        """The best `k` passages, best first, and how far they hold an answer. Raises DatabaseError.

        `documents` are the ids of those to search, None for all.
        """
        try:
            return self._search(question, k, documents)
        except DatabaseError as error:
            if error.code != "row_damaged" or not self._repair():
                raise
            return self._search(question, k, documents)

    def _search(self, question: str, k: int, documents: Collection[str] | None) -> Retrieved:
        snapshot = self._library.index.snapshot()
        terms = question_terms(question, snapshot.languages)
        within = None if documents is None else snapshot.documents.rows_of(documents)
        if snapshot.vectors is None or not len(snapshot.vectors) or (within is not None and not len(within)):
            return Retrieved(question, terms.language, (), 0.0, False)
        return _Search(self._library, snapshot, question, terms, within).run(k)

    def holds(self, citation: Citation) -> bool:
        """Whether the cited document is there and holds the quote at its own offsets."""
        excerpt = self._library.store.excerpt(citation.document_id, citation.start, citation.end)
        return excerpt == citation.quote

    def as_retriever(self, k: int = 5) -> BaseRetriever:
        """This retriever behind LangChain's interface."""
        from ert_core.langchain_retriever import ErtRetriever

        return ErtRetriever(retriever=self, k=k)


class _Search:
    """One question over one snapshot, or over the rows `within` it."""

    def __init__(
        self,
        library: Library,
        snapshot: Snapshot,
        question: str,
        terms: QuestionTerms,
        within: np.ndarray | None = None,
    ) -> None:
        self._within = within
        self._store, self._vectors = library.store, library.vectors
        self._snapshot = snapshot
        self._question = question
        self._terms = terms
        embeddings = library.embedders.named(snapshot.model)
        self._vector = embeddings.encode_question(question)
        self._floors = FLOORS[embeddings.bilingual]
        self._words = snapshot.keywords.match(terms.groups)

    def run(self, k: int) -> Retrieved:
        import numpy as np

        rows, cosines = self._candidates(max(RANKED, k))
        ids = [int(i) for i in self._snapshot.ids[rows]]
        passages = self._store.passages(ids)
        sentences = self._vectors.sentences(ids, self._snapshot.model)
        names = self._store.names(p.document_id for p in passages.values())
        # What was deleted since the snapshot was taken drops out.
        there = [n for n, i in enumerate(ids) if i in passages and i in sentences and passages[i].document_id in names]
        rows, cosines, found = rows[there], cosines[there], [passages[ids[n]] for n in there]
        spans = [sentences[p.id][0] for p in found]
        taken = [
            (s, [p.text[x.start : x.end] for x in s], sentences[p.id][1]) for p, s in zip(found, spans, strict=True)
        ]
        kind = asked_for(self._question, self._terms.language)
        parts = parts_of(rows, self._words, cosines, taken, self._vector, kind, self._snapshot.documents)
        cases = [self._case(row) for row in rows]
        scores = parts.score(WEIGHTS)
        order = np.lexsort((rows, -scores))[:k]
        scored = []
        best, sufficient = 0.0, False
        for i in order:
            weight = evidence(parts, i, cases[i])
            floors = self._floors[cases[i]]
            sufficient |= weight >= floors.get(self._terms.language, max(floors.values()))
            best = max(best, weight)
            scored.append(_scored(found[i], names[found[i].document_id], float(scores[i]), parts, i, spans[i]))
        return Retrieved(self._question, self._terms.language, tuple(scored), best, sufficient and not self._terms.bare)

    def _candidates(self, most: int) -> tuple[np.ndarray, np.ndarray]:
        """(rows, cosines) of the passages to rank: the best of the words and of the vectors."""
        import numpy as np

        vectors = self._snapshot.vectors
        assert vectors is not None
        lexical = np.zeros(len(vectors), dtype=np.float32)
        for word in self._words:
            lexical[word.rows] += np.float32(word.rarity) * word.saturations
        if self._within is None:
            near, _ = vectors.nearest(self._vector, CANDIDATES)
        else:
            near = self._within[np.argsort(-vectors.similarities(self._vector, self._within))[:CANDIDATES]]
            inside = np.zeros_like(lexical)
            inside[self._within] = lexical[self._within]
            lexical = inside
        rows = np.union1d(near, _best_rows(lexical, CANDIDATES))
        cosines = vectors.similarities(self._vector, rows)
        best = float(lexical.max(initial=0.0))
        score = DENSE_WEIGHT * cosines + (lexical[rows] / best if best > 0 else 0.0)
        # Half the places by both sides together, the others by the cosine: a passage in another language has no word.
        by_score, half = np.argsort(-score), most // 2
        chosen = dict.fromkeys([*by_score[:half], *np.argsort(-cosines)[:half], *by_score[half:]])
        kept = np.array(list(chosen)[:most], dtype=np.int64)
        return rows[kept], cosines[kept]

    def _case(self, row: int) -> LanguageCase:
        documents = self._snapshot.documents
        return "same" if documents.languages[documents.of_row[row]] == self._terms.language else "other"


def question_terms(question: str, library_languages: frozenset[str]) -> QuestionTerms:
    """The words to look for. When all are stop words, all of them."""
    default = next(iter(library_languages & set(STEMMED_LANGUAGES)), "en") if len(library_languages) == 1 else "en"
    language = detect_language(question, default)
    asked = list(dict.fromkeys(words(question)))
    content = [w for w in asked if not is_stop_word(w, language)]
    stem_languages = (library_languages | {language}) & set(STEMMED_LANGUAGES)
    groups = dict.fromkeys(frozenset({stem(w, other) for other in stem_languages} | {w}) for w in content or asked)
    return QuestionTerms(language, tuple(groups), not content)


def _scored(
    passage: Passage, name: str, score: float, parts: Parts, i: int, spans: Sequence[Sentence]
) -> ScoredPassage:
    sentences = parts.sentences[i]
    worth = (
        QUOTE_COVERED * sentences.subject
        + QUOTE_EXACT * sentences.exact
        + QUOTE_COSINE * sentences.cosine
        + QUOTE_KIND * sentences.answering
    )
    return ScoredPassage(
        passage,
        name,
        score,
        float(parts.words[i]),
        float(max(parts.mean[i], sentences.cosine.max(initial=0.0))),
        tuple(ScoredSentence(s.start, s.end, float(w)) for s, w in zip(spans, worth, strict=True) if s.end),
    )


def _best_rows(scores: np.ndarray, k: int) -> np.ndarray:
    """The rows of the `k` best scores above zero, in any order."""
    import numpy as np

    if len(scores) > k:
        rows = np.argpartition(-scores, k)[:k]
    else:
        rows = np.arange(len(scores))
    return rows[scores[rows] > 0]
