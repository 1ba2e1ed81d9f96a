"""Candidate passages of a search -> scores: words and vectors fused by score, passage by passage. No input or output.

What is fused, each part in [0, 1] and weighted by how far it can be trusted (docs/quality.md, ablation):
BM25 of the passage; cosines of its mean and of its nearest sentence; the share of the question's word
weights that one sentence holds; and whether that sentence holds the kind of thing that is asked for.
A word that stands all over a document counts a little in every passage of it, and so does a word of
its name: a passage about its subject need not name it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from ert_core.analysis import Sentence
from ert_core.answer_types import AnswerType, holds
from ert_core.keyword_index import K1, MatchedWord
from ert_core.sentence_vectors import cosines

if TYPE_CHECKING:
    import numpy as np

    from ert_core.library_index import DocumentTable

# What the share of a document's passages that hold a word gives to each of them, at most K1 + 1.
SUBJECT_CREDIT = 1.5
# The same for one sentence, whose own words give 1.
SENTENCE_SUBJECT_CREDIT = 0.5


@dataclass(frozen=True)
class Weights:
    """How much each part counts for a passage, in the order in which `Parts.score` fuses them."""

    words: float
    mean: float
    nearest: float
    covered: float
    kind: float


@dataclass(frozen=True)
class SentenceParts:
    """Of the sentences of one passage, each shape (sentences,), in [0, 1]: `covered` is the share of the
    question's word weights a sentence holds, `exact` the same without words of the family, `subject` with
    what the document is about counted in, `cosine` to the question, `kind` whether the kind asked for is there."""

    covered: np.ndarray
    exact: np.ndarray
    subject: np.ndarray
    cosine: np.ndarray
    kind: np.ndarray

    @property
    def answering(self) -> np.ndarray:
        """The kind asked for, worth more in a sentence that speaks of what is asked; in [0, 1.3]."""
        return self.kind * (0.3 + self.subject)


@dataclass(frozen=True)
class Parts:
    """Of the candidates, each shape (candidates,): see the module's text. `coverage` is that of whole passages."""

    words: np.ndarray
    coverage: np.ndarray
    mean: np.ndarray
    sentences: list[SentenceParts]

    def score(self, weights: Weights) -> np.ndarray:
        """The scores, in [0, 1]."""
        import numpy as np

        nearest = np.array([s.cosine.max(initial=0.0) for s in self.sentences])
        covered = np.array([s.subject.max(initial=0.0) for s in self.sentences])
        kind = np.array([(s.answering / 1.3).max(initial=0.0) for s in self.sentences])
        parts = np.stack([self.words, self.mean, nearest, covered, kind])
        in_order = astuple(weights)
        scores: np.ndarray = np.array(in_order) @ parts / sum(in_order)
        return scores


def parts_of(
    rows: np.ndarray,
    words: Sequence[MatchedWord],
    means: np.ndarray,
    sentences: Sequence[tuple[Sequence[Sentence], Sequence[str], np.ndarray]],
    question: np.ndarray,
    kind: AnswerType | None,
    documents: DocumentTable,
) -> Parts:
    """Take the candidates apart.

    `means` are the cosines of the passages of `rows`; `sentences[i]` holds the sentences of candidate i,
    their texts and their vectors (none when the passage was not analysed by sentences).
    """
    import numpy as np

    rarity = np.array([w.rarity for w in words], dtype=np.float32)
    total = max(float(rarity.sum()), 1e-9)
    subject = _subject_shares(words, documents, documents.of_row[rows])
    saturation = np.stack([w.saturation(rows) for w in words]) if words else np.zeros((0, len(rows)))
    credited = np.maximum(saturation, SUBJECT_CREDIT * subject)
    found = []
    for i, (spans, texts, vectors) in enumerate(sentences):
        held, exact = _held(words, spans)
        with_subject = np.maximum(held, SENTENCE_SUBJECT_CREDIT * subject[:, i : i + 1])
        found.append(
            SentenceParts(
                covered=rarity @ held / total,
                exact=rarity @ exact / total,
                subject=rarity @ with_subject / total,
                cosine=_cosines(vectors, question, len(spans)),
                kind=np.array([holds(kind, text) if kind else 0.0 for text in texts]),
            )
        )
    return Parts(
        words=rarity @ credited / (total * (K1 + 1)),
        coverage=rarity @ (saturation > 0) / total,
        mean=np.clip(means, 0.0, 1.0),
        sentences=found,
    )


def _cosines(vectors: np.ndarray, question: np.ndarray, count: int) -> np.ndarray:
    import numpy as np

    if len(vectors) != count:  # a passage of an older version, not analysed by sentences yet
        return np.zeros(count)
    clipped: np.ndarray = np.clip(cosines(vectors, question), 0.0, 1.0)
    return clipped


def _subject_shares(words: Sequence[MatchedWord], documents: DocumentTable, numbers: np.ndarray) -> np.ndarray:
    """For each word and each document of `numbers`, the share of its passages that hold it; 1 where its name does."""
    import numpy as np

    first, sizes = documents.first_row[numbers], documents.sizes[numbers]
    shares = np.zeros((len(words), len(numbers)), dtype=np.float32)
    for i, word in enumerate(words):
        shares[i] = word.passages_between(first, first + sizes) / sizes
        named = frozenset().union(*(documents.named.get(stem, frozenset()) for stem in word.stems))
        if named:
            shares[i, [n in named for n in numbers.tolist()]] = 1.0
    return shares


def _held(words: Sequence[MatchedWord], sentences: Sequence[Sentence]) -> tuple[np.ndarray, np.ndarray]:
    """Which words each sentence holds, and which as they were asked: 0 or 1, shape (words, sentences)."""
    import numpy as np

    held = np.zeros((len(words), len(sentences)), dtype=np.float32)
    exact = np.zeros_like(held)
    for j, sentence in enumerate(sentences):
        stems = set(sentence.stems)
        for i, word in enumerate(words):
            if not word.terms.keys().isdisjoint(stems):
                held[i, j] = 1.0
                exact[i, j] = not word.stems.isdisjoint(stems)
    return held, exact
