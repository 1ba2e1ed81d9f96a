"""Answers made of verbatim sentences of the documents: no language model.

The sentences of the retrieved passages are scored by the share of the question's word weights they
hold, their cosine to the question, and their passage's own score; at most three are quoted, best
first, none that repeats another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ert_core.citations import citation_at
from ert_core.languages import stem, words
from ert_core.retrieval import QuestionTerms
from ert_core.sentences import is_heading, sentence_spans
from ert_core.types import Citation, ScoredPassage

if TYPE_CHECKING:
    from ert_core.embeddings import SentenceTransformerEmbeddings

MAX_QUOTES = 3
MAX_QUOTE_CHARACTERS = 600
# A further quote must come this close to the first one's score.
FURTHER_SHARE = 0.6
WORDS_WEIGHT, COSINE_WEIGHT, PASSAGE_WEIGHT = 1.0, 0.5, 1.0
# Two sentences that share this much of their words say the same thing.
SAME_SHARE = 0.8


def choose_quotes(
    question: str,
    terms: QuestionTerms,
    passages: Sequence[ScoredPassage],
    embeddings: SentenceTransformerEmbeddings,
    *,
    weights: Sequence[float],
) -> list[Citation]:
    """At most three sentences that answer `question`, best first, each with its exact place.

    `weights[i]` is the rarity of `terms.groups[i]` in the library. Offsets index the document's text.
    """
    candidates = [(found, start, end) for found in passages for start, end in _quotable(found.passage.text)]
    if not candidates:
        return []
    texts = [found.passage.text[start:end] for found, start, end in candidates]
    vectors = embeddings.encode([question, *texts])
    cosines = vectors[1:] @ vectors[0]
    scores = [
        WORDS_WEIGHT * _covered(text, terms, weights)
        + COSINE_WEIGHT * max(0.0, float(cosine))
        + PASSAGE_WEIGHT * found.score
        for (found, _, _), text, cosine in zip(candidates, texts, cosines, strict=True)
    ]
    best_first = sorted(range(len(texts)), key=lambda i: -scores[i])
    chosen: list[int] = []
    for i in best_first:
        if len(chosen) == MAX_QUOTES or (chosen and scores[i] < FURTHER_SHARE * scores[chosen[0]]):
            break
        if not any(_same(texts[i], texts[j]) for j in chosen):
            chosen.append(i)
    return [citation_at(n, *candidates[i], verified=False) for n, i in enumerate(chosen, start=1)]


def _quotable(text: str) -> list[tuple[int, int]]:
    """The sentences worth quoting: headings only when there is nothing else."""
    spans = sentence_spans(text)
    sentences = [(s, _quote_end(text, s, e)) for s, e in spans if not is_heading(text[s:e])]
    return sentences or spans


def _quote_end(text: str, start: int, end: int) -> int:
    """The end of a sentence, or the last white space before it grows too long to read."""
    if end - start <= MAX_QUOTE_CHARACTERS:
        return end
    cut = max(
        text.rfind(" ", start, start + MAX_QUOTE_CHARACTERS), text.rfind("\n", start, start + MAX_QUOTE_CHARACTERS)
    )
    return cut if cut > start else start + MAX_QUOTE_CHARACTERS


def _covered(text: str, terms: QuestionTerms, weights: Sequence[float]) -> float:
    """The share of the question's word weights that `text` holds, in [0, 1]."""
    total = sum(weights)
    if total <= 0:
        return 0.0
    found = set(words(text))
    stemmed = found | {stem(w, language) for w in found for language in ("fr", "en")}
    return sum(w for group, w in zip(terms.groups, weights, strict=True) if group & stemmed) / total


def _same(one: str, other: str) -> bool:
    a, b = set(words(one)), set(words(other))
    return bool(a and b) and len(a & b) >= SAME_SHARE * min(len(a), len(b))
