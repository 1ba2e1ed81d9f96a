"""A passage made ready to check statements against: sentences, words, numbers, names, clauses, vectors. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ert_core.languages import detect_language, is_stop_word, stem, words
from ert_core.names import Name, names
from ert_core.polarity import Clause, clause_spans, clauses
from ert_core.quantities import Quantity, quantities
from ert_core.sentences import sentence_spans
from ert_core.synonyms import meanings

if TYPE_CHECKING:
    import numpy as np

# Texts -> unit vectors, one row a text.
Encode = Callable[[Sequence[str]], "np.ndarray"]

# Words that say nothing of their own in an answer.
_LIGHT = frozenset(
    """faut fallait environ lieu soit selon possible rapport around roughly approximately nearly almost presque
    principalement surtout mainly chiefly m mr mrs ms mme dr""".split()
)
_SAME_STEM_LETTERS, _SAME_STEM_SHARE = 4, 0.6


@dataclass(frozen=True)
class SourceText:
    """A passage made ready: its sentences, what each holds, and the vectors of its stretches of text."""

    text: str
    language: str
    spans: tuple[tuple[int, int], ...]
    words: tuple[frozenset[str], ...]
    quantities: tuple[tuple[Quantity, ...], ...]
    names: tuple[tuple[Name, ...], ...]
    clauses: tuple[tuple[Clause, ...], ...]
    vectors: np.ndarray
    # The sentence each vector begins in.
    owners: tuple[int, ...]


def prepare(texts: Sequence[str], encode: Encode) -> list[SourceText]:
    """The passages of an answer, their stretches embedded in one go."""
    drafts = [_stretches(text) for text in texts]
    vectors = encode([stretch for _, stretches, _ in drafts for stretch in stretches])
    sources, position = [], 0
    for text, (spans, stretches, owners) in zip(texts, drafts, strict=True):
        parts = [text[s:e] for s, e in spans]
        sources.append(
            SourceText(
                text,
                detect_language(text),
                tuple(spans),
                tuple(frozenset(content_words(p)) for p in parts),
                tuple(tuple(quantities(p)) for p in parts),
                tuple(tuple(names(p)) for p in parts),
                tuple(tuple(clauses(p)) for p in parts),
                vectors[position : position + len(stretches)],
                tuple(owners),
            )
        )
        position += len(stretches)
    return sources


def content_words(text: str) -> list[str]:
    """The folded words of `text` but function words and numbers with their units, in order, once each."""
    found = (w for w in words(without_numbers(text)) if w[0].isalpha() and w not in _LIGHT and not _is_function_word(w))
    return list(dict.fromkeys(found))


def without_numbers(text: str) -> str:
    """`text` with 0 for each number and its unit."""
    for quantity in reversed(quantities(text)):
        text = f"{text[: quantity.start]}0{text[quantity.end :]}"
    return text


@lru_cache(maxsize=100_000)
def same_word(one: str, other: str) -> bool:
    """Whether two folded words share a stem, or a beginning long enough to be of one family."""
    if one == other or any(stem(one, code) == stem(other, code) for code in ("fr", "en")):
        return True
    if meanings(one) & meanings(other):
        return True
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _SAME_STEM_LETTERS and shared >= _SAME_STEM_SHARE * max(len(one), len(other))


def held(word: str, sentence: Iterable[str]) -> bool:
    """Whether one of some folded words is the same as `word`."""
    return any(same_word(word, other) for other in sentence)


def _is_function_word(word: str) -> bool:
    return any(is_stop_word(word, code) for code in ("fr", "en"))


def _stretches(text: str) -> tuple[list[tuple[int, int]], list[str], list[int]]:
    """Sentences, pairs of neighbours and long clauses: what a statement may be about."""
    spans = sentence_spans(text) or [(0, len(text))]
    stretches, owners = [], []
    for i, (start, end) in enumerate(spans):
        stretches.append(text[start:end])
        owners.append(i)
        if i + 1 < len(spans):
            stretches.append(text[start : spans[i + 1][1]])
            owners.append(i)
        parts = clause_spans(text[start:end])
        if len(parts) > 1:
            stretches += [text[start + s : start + e] for s, e in parts]
            owners += [i] * len(parts)
    return spans, stretches, owners
