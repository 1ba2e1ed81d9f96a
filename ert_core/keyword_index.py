"""BM25 over stemmed words (Robertson and Zaragoza 2009), in NumPy arrays.

A word asked finds its own stem, the other words of its family (those that share its beginning:
"naître", "naissance"), and, when the library has neither, the words one slip of the keyboard away.
An index is immutable: `extended` gives another one, so that a search never meets a change half made.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

K1 = 1.2
B = 0.75
# What an occurrence of another word of the family counts, and of a word one slip away.
FAMILY_WEIGHT = 0.6
SLIP_WEIGHT = 0.6
# A family shares all of the stem but its last letters, and at least so many.
FAMILY_LETTERS, FAMILY_ENDING = 4, 2
# Shorter words are too close to too many others.
SLIP_LETTERS = 5


@dataclass(frozen=True)
class MatchedWord:
    """One word of a question in the index.

    `stems` are its own; `rarity` is its inverse document frequency; `terms` are the words it finds, with
    what they count; `rows` are the passages that hold it, ascending, and `saturations` what it gives each
    of them, in (0, K1 + 1).
    """

    stems: frozenset[str]
    rarity: float
    terms: Mapping[str, float]
    rows: np.ndarray
    saturations: np.ndarray

    def saturation(self, rows: np.ndarray) -> np.ndarray:
        """What the word gives the passages of `rows`; 0 where it does not stand."""
        import numpy as np

        if not len(self.rows):
            return np.zeros(len(rows), dtype=np.float32)
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        given: np.ndarray = np.where(self.rows[places] == rows, self.saturations[places], np.float32(0))
        return given

    def passages_between(self, first: np.ndarray, after: np.ndarray) -> np.ndarray:
        """How many of the rows `first[i]` to `after[i]` (not included) hold the word."""
        import numpy as np

        counted: np.ndarray = np.searchsorted(self.rows, after) - np.searchsorted(self.rows, first)
        return counted


class KeywordIndex:
    """The words of passages, by passage row. Build with `KeywordIndex.empty().extended(...)`."""

    def __init__(
        self, vocabulary: dict[str, int], terms: np.ndarray, rows: np.ndarray, counts: np.ndarray, lengths: np.ndarray
    ) -> None:
        """Postings (`terms[i]`, `rows[i]`, `counts[i]`) in any order; `lengths[row]` is words in a passage."""
        import numpy as np

        self._vocabulary = vocabulary
        order = np.argsort(terms, kind="stable")
        self._terms, self._rows, self._counts = terms[order], rows[order], counts[order]
        self._lengths = lengths
        self._starts = np.searchsorted(self._terms, np.arange(len(vocabulary) + 1))
        self._mean_length = max(float(lengths.mean()), 1e-9) if len(lengths) else 1.0

    @classmethod
    def empty(cls) -> KeywordIndex:
        """An index of nothing."""
        import numpy as np

        none = np.zeros(0, dtype=np.int32)
        return cls({}, none, none, none, none)

    def __len__(self) -> int:
        return len(self._lengths)

    def extended(self, passages: Iterable[Sequence[str]]) -> KeywordIndex:
        """This index with more passages, given as their stems, behind the ones it has."""
        import numpy as np

        vocabulary = dict(self._vocabulary)
        terms: list[int] = []
        rows: list[int] = []
        counts: list[int] = []
        lengths: list[int] = []
        for row, words in enumerate(passages, start=len(self)):
            lengths.append(len(words))
            for word, count in Counter(words).items():
                terms.append(vocabulary.setdefault(word, len(vocabulary)))
                rows.append(row)
                counts.append(count)
        return KeywordIndex(
            vocabulary,
            np.concatenate([self._terms, np.array(terms, dtype=np.int32)]),
            np.concatenate([self._rows, np.array(rows, dtype=np.int32)]),
            np.concatenate([self._counts, np.array(counts, dtype=np.int32)]),
            np.concatenate([self._lengths, np.array(lengths, dtype=np.int32)]),
        )

    def without(self, rows: np.ndarray) -> KeywordIndex:
        """This index without the passages of `rows`; the others close up, in order."""
        import numpy as np

        kept = np.ones(len(self), dtype=bool)
        kept[rows] = False
        new_row = np.cumsum(kept, dtype=np.int32) - 1
        postings = kept[self._rows]
        return KeywordIndex(
            self._vocabulary,
            self._terms[postings],
            new_row[self._rows[postings]].astype(np.int32),
            self._counts[postings],
            self._lengths[kept],
        )

    def match(self, groups: Sequence[frozenset[str]]) -> list[MatchedWord]:
        """Look up the words of a question, each given as its stems (one in each language of the library)."""
        return [self._match(group) for group in groups]

    def _match(self, group: frozenset[str]) -> MatchedWord:
        import numpy as np

        terms = self.related(group)
        if len(terms) == 1:
            ((term, weight),) = terms.items()
            rows, counts = self._postings(term)
            counted = np.float32(weight) * counts
        else:
            frequency = np.zeros(len(self), dtype=np.float32)
            for term, weight in terms.items():
                held, counts = self._postings(term)
                frequency[held] += weight * counts  # a row stands once in the postings of a word
            rows = np.flatnonzero(frequency)
            counted = frequency[rows]
        saturations = counted * np.float32(K1 + 1) / (counted + self._length_norms[rows])
        return MatchedWord(group, self._rarity(len(rows)), terms, rows, saturations)

    def related(self, group: frozenset[str]) -> dict[str, float]:
        """The words of the vocabulary that a word (given as its stems) finds, with what each counts."""
        terms = {stem: 1.0 for stem in sorted(group) if self._occurs(stem)}
        for stem in sorted(group):
            if stem.isalpha() and len(stem) >= FAMILY_LETTERS:
                for other in self._beginning(stem[: max(FAMILY_LETTERS, len(stem) - FAMILY_ENDING)]):
                    terms.setdefault(other, FAMILY_WEIGHT)
        if not terms:
            for stem in sorted(group):
                if stem.isalpha() and len(stem) >= SLIP_LETTERS:
                    terms.update({w: SLIP_WEIGHT for w in self._beginning(stem[0]) if one_slip_apart(stem, w)})
        return terms

    def _rarity(self, frequency: int) -> float:
        return math.log(1 + (len(self) - frequency + 0.5) / (frequency + 0.5))

    def _postings(self, stem: str) -> tuple[np.ndarray, np.ndarray]:
        term = self._vocabulary.get(stem)
        if term is None:
            return self._rows[:0], self._counts[:0]
        part = slice(self._starts[term], self._starts[term + 1])
        return self._rows[part], self._counts[part]

    def _occurs(self, stem: str) -> bool:
        """Whether a passage holds it: words of deleted passages stay in the vocabulary."""
        term = self._vocabulary.get(stem)
        return term is not None and bool(self._starts[term] < self._starts[term + 1])

    def _beginning(self, letters: str) -> Iterable[str]:
        """The alphabetic words of the index that begin with `letters`."""
        words = self._sorted
        for i in range(bisect_left(words, letters), len(words)):
            if not words[i].startswith(letters):
                return
            if self._occurs(words[i]):
                yield words[i]

    @cached_property
    def _length_norms(self) -> np.ndarray:
        """For each passage, what long ones have to make up for."""
        import numpy as np

        norms: np.ndarray = (K1 * (1 - B + B * self._lengths / self._mean_length)).astype(np.float32)
        return norms

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(word for word in self._vocabulary if word.isalpha())


def one_slip_apart(one: str, other: str) -> bool:
    """Whether one letter more, less, other or exchanged with its neighbour makes `other` of `one`.

    The optimal string alignment distance is then at most 1 (Damerau 1964).
    """
    if abs(len(one) - len(other)) > 1:
        return False
    first = 0
    while first < min(len(one), len(other)) and one[first] == other[first]:
        first += 1
    one, other = one[first:], other[first:]
    if len(one) == len(other):
        return one[1:] == other[1:] or (one[:2] == other[:2][::-1] and one[2:] == other[2:])
    return one[1:] == other if len(one) > len(other) else one == other[1:]
