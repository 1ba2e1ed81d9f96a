"""BM25 over stemmed words (Robertson and Zaragoza 2009), in NumPy arrays.

An index is immutable: `extended` gives another one, so that a search never meets a change half
made. The words of a question come in groups, one group for each word asked, since a word has
another stem in each language of the library.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

K1 = 1.2
B = 0.75


@dataclass(frozen=True)
class Lexical:
    """BM25 scores, shape (passages,), and for each the share of the question's word weights it holds, in [0, 1].

    A word that no passage holds counts with the highest weight.
    """

    scores: np.ndarray
    coverage: np.ndarray


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

    def search(self, groups: Sequence[frozenset[str]]) -> Lexical:
        """Score every passage for a question given as groups of stems, one group a word."""
        import numpy as np

        scores = np.zeros(len(self), dtype=np.float32)
        covered = np.zeros(len(self), dtype=np.float32)
        weight = 0.0
        mean_length = float(self._lengths.mean()) if len(self) else 1.0
        for group in groups:
            best = np.zeros(len(self), dtype=np.float32)
            rarity = self._idf(0)
            found = [self._postings(stem) for stem in sorted(group)]
            frequency = sum(len(rows) for rows, _ in found)
            if frequency:
                rarity = self._idf(min(frequency, len(self)))
            for rows, counts in found:
                saturation = counts + K1 * (1 - B + B * self._lengths[rows] / max(mean_length, 1e-9))
                # a row stands once in the postings of a word, so plain indexing is enough
                best[rows] = np.maximum(best[rows], (counts * (K1 + 1) / saturation).astype(np.float32))
            scores += rarity * best
            covered += rarity * (best > 0)
            weight += rarity
        coverage = covered / weight if weight else covered
        return Lexical(scores, np.minimum(coverage, 1.0))

    def idf(self, group: Iterable[str]) -> float:
        """Inverse document frequency of a word, given as its stems."""
        return self._idf(min(sum(len(self._postings(stem)[0]) for stem in group), len(self)))

    def _idf(self, frequency: int) -> float:
        return math.log(1 + (len(self) - frequency + 0.5) / (frequency + 0.5))

    def _postings(self, stem: str) -> tuple[np.ndarray, np.ndarray]:
        term = self._vocabulary.get(stem)
        if term is None:
            return self._rows[:0], self._counts[:0]
        part = slice(self._starts[term], self._starts[term + 1])
        return self._rows[part], self._counts[part]
