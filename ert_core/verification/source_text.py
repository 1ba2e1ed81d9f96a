"""A passage made ready to check statements against: what its sentences hold, and their vectors. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ert_core.anaphora import goes_on
from ert_core.languages import detect_language
from ert_core.sentences import sentence_spans
from ert_core.verification.exclusions import Exclusion, exclusions
from ert_core.verification.names import Name, names
from ert_core.verification.polarity import Clause, clause_spans, clauses
from ert_core.verification.quantities import Quantity, quantities
from ert_core.verification.slots import NameSlot, NumberSlot, name_slots, number_slots
from ert_core.verification.word_match import placed_words

if TYPE_CHECKING:
    import numpy as np

# Texts -> unit vectors, one row a text.
Encode = Callable[[Sequence[str]], "np.ndarray"]


@dataclass(frozen=True)
class Reading:
    """What one sentence holds: its content words, with their places and once each, its numbers, names and clauses."""

    text: str
    placed: tuple[tuple[str, int], ...]
    words: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    slots: tuple[NumberSlot, ...]
    names: tuple[Name, ...]
    name_slots: tuple[NameSlot, ...]
    clauses: tuple[Clause, ...]
    exclusions: tuple[Exclusion, ...]

    def clause_at(self, place: int) -> tuple[int, int]:
        """(start, end) of the clause that holds a character."""
        return next((c.start, c.end) for c in self.clauses if c.start <= place < c.end)

    def words_between(self, start: int, end: int) -> list[str]:
        """The content words that begin at characters start to end, in order, once each."""
        return list(dict.fromkeys(word for word, place in self.placed if start <= place < end))


@lru_cache(maxsize=32)
def read(text: str) -> Reading:
    """What a sentence holds. Kept, since a statement is checked against several passages."""
    numbers = tuple(quantities(text))
    placed = tuple(placed_words(text, numbers))
    words = tuple(dict.fromkeys(word for word, _ in placed))
    # "Two Norvatin tablets": a number that begins a sentence is none of the name after it.
    named = tuple(n for n in names(text) if not any(q.start <= n.start < q.end for q in numbers))
    return Reading(
        text,
        placed,
        words,
        numbers,
        number_slots(text, numbers, placed),
        named,
        name_slots(text, named, placed),
        tuple(clauses(text)),
        tuple(exclusions(text)),
    )


@dataclass(frozen=True)
class SourceText:
    """A passage made ready: its sentences, what each holds, and the vectors of its stretches of text."""

    text: str
    language: str
    spans: tuple[tuple[int, int], ...]
    sentences: tuple[Reading, ...]
    # The words of each sentence, and those of the sentence before where it points back ("It is kept...").
    words: tuple[frozenset[str], ...]
    vectors: np.ndarray
    # The sentence each vector begins in.
    owners: tuple[int, ...]


def prepare(texts: Sequence[str], encode: Encode) -> list[SourceText]:
    """The passages of an answer, their stretches embedded in one go."""
    drafts = [_stretches(text) for text in texts]
    vectors = encode([stretch for _, stretches, _ in drafts for stretch in stretches])
    sources, position = [], 0
    for text, (spans, stretches, owners) in zip(texts, drafts, strict=True):
        sentences = tuple(read(text[start:end]) for start, end in spans)
        own = vectors[position : position + len(stretches)]
        words = _words_in_context(sentences)
        sources.append(SourceText(text, detect_language(text), tuple(spans), sentences, words, own, tuple(owners)))
        position += len(stretches)
    return sources


def _words_in_context(sentences: Sequence[Reading]) -> tuple[frozenset[str], ...]:
    found: list[frozenset[str]] = []
    for sentence in sentences:
        before = found[-1] if found and goes_on(sentence.text) else frozenset()
        found.append(before | frozenset(sentence.words))
    return tuple(found)


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
