"""Where a quote of a page's extracted text stands among the characters that pdfium draws. Pure.

The extracted text is the page's in another layout: words joined at line ends, columns one after the other, running
lines gone, tables with the names of their columns in each row. So only letters and digits are compared, and a
quote is found in pieces where the page does not have it in one.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ert_core.loaders.pdf_text import SYMBOLS

# Numbers of letters. The context that tells one occurrence from another, and how much of it is enough to do so;
# a run of pieces that is not there by chance; a piece that stands for itself; how far an anchor is looked for.
_CONTEXT, _TELLING = 120, 6
_RUN = 9
_PIECE = 3
# In a run: the mean length of its pieces, and how much of the quote is left out between two (the name of a column).
_MEAN, _LEFT_OUT = 2.5, 40
_ANCHOR, _ANCHOR_STEPS = 16, 40
_MOST_PIECES, _MOST_OCCURRENCES = 400, 60
# How a row of a table is written (`rows.py`): the name of a column, what stands there, and the next one.
_CELL, _CELL_SIGNS = " | ", re.compile(r" \| |: ")
# The share of a quote's letters that must be found in such runs.
_FOUND = 0.7


class Folded(NamedTuple):
    """The letters and digits of a text, without case and accents, and the index of the character each comes from."""

    letters: str
    origins: list[int]


def fold(text: str) -> Folded:
    """`text` as it is compared."""
    letters: list[str] = []
    origins: list[int] = []
    for n, character in enumerate(text):
        folded = _folded(character)
        letters.append(folded)
        origins += [n] * len(folded)
    return Folded("".join(letters), origins)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    text = SYMBOLS.get(ord(character), character).replace("ı", "i")
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


class _Piece(NamedTuple):
    """`length` letters of the quote from `at` (in the text's letters), and where the page may have them."""

    at: int
    length: int
    places: tuple[int, ...]


class _Run(NamedTuple):
    """Pieces that follow each other in the quote and on the page: from `start` to `end` of the page's letters."""

    start: int
    end: int
    told_end: int  # in the text's letters
    letters: int
    pieces: int

    @property
    def is_text(self) -> bool:
        """Not put together from single letters, of which every page has enough."""
        return self.letters >= _MEAN * self.pieces


class QuoteFinder:
    """Finds quotes of the extracted `text` of a page among its `drawn` characters, in pdfium's order."""

    def __init__(self, text: str, drawn: str) -> None:
        self._text, self._drawn = text, drawn
        self._told, self._there = fold(text), fold(drawn)
        self._cells = _cells(text, self._told.origins)

    def find(self, start: int, end: int) -> list[tuple[int, int]]:
        """Runs (first, end) of drawn characters that are characters start to end of the text; empty when not found."""
        first, last = (bisect_left(self._told.origins, place) for place in (start, end))
        if first >= last:
            return []
        whole = self._places(first, last - first)
        if whole:
            best = self._nearest(whole, first, last - first, self._expected(first, last))
            runs = [(best, best + last - first)]
        else:
            runs = self._in_pieces(first, last)
        characters = [(self._there.origins[a], self._there.origins[b - 1] + 1) for a, b in runs]
        return self._with_ends(characters, start, end, first, last)

    def _places(self, at: int, length: int) -> tuple[int, ...]:
        """Where the page has these letters."""
        wanted = self._told.letters[at : at + length]
        found: list[int] = []
        place = self._there.letters.find(wanted)
        while place >= 0 and len(found) < _MOST_OCCURRENCES:
            found.append(place)
            place = self._there.letters.find(wanted, place + 1)
        return tuple(found)

    def _nearest(self, places: Sequence[int], at: int, length: int, expected: int) -> int:
        """The place with the same letters around it, else the one nearest to the `expected`."""
        if len(places) == 1:
            return places[0]
        contexts = {place: self._context(at, length, place) for place in places}
        telling = {p: c if c >= _TELLING else 0 for p, c in contexts.items()}
        return max(places, key=lambda p: (telling[p], -abs(p - expected)))

    def _context(self, at: int, length: int, place: int) -> int:
        """How many letters before and after are the same in the text and at a place of the page."""
        told, there = self._told.letters, self._there.letters
        before = after = 0
        while before < min(_CONTEXT, at, place) and told[at - before - 1] == there[place - before - 1]:
            before += 1
        at, place = at + length, place + length
        while after < min(_CONTEXT, len(told) - at, len(there) - place) and told[at + after] == there[place + after]:
            after += 1
        return before + after

    def _expected(self, first: int, last: int) -> int:
        """About where letters first to last should stand: beside the nearest ones that the page has only once."""
        told, there = self._told.letters, self._there.letters
        for step in range(_ANCHOR_STEPS):
            before = first - _ANCHOR - step * _ANCHOR // 2
            if before >= 0 and there.count(told[before : before + _ANCHOR]) == 1:
                return there.index(told[before : before + _ANCHOR]) + first - before
            after = last + step * _ANCHOR // 2
            if after + _ANCHOR <= len(told) and there.count(told[after : after + _ANCHOR]) == 1:
                return there.index(told[after : after + _ANCHOR]) - (after - first)
        return round(first * len(there) / max(1, len(told)))

    def _in_pieces(self, first: int, last: int) -> list[tuple[int, int]]:
        """The quote's letters in runs, or none when too few of them are there together."""
        placed = self._placed(self._pieces(first, last), self._expected(first, last))
        runs = _runs(placed)
        sure = [run for run in runs if run.end - run.start >= min(_RUN, last - first) and run.is_text]
        if sum(run.letters for run in sure) < _FOUND * (last - first):
            return []
        return [(run.start, run.end) for run in runs if run.end - run.start >= _PIECE]

    def _pieces(self, first: int, last: int) -> list[_Piece]:
        """The quote cut into the longest pieces that the page has."""
        pieces: list[_Piece] = []
        at = first
        while at < last and len(pieces) < _MOST_PIECES:
            length = self._longest(at, min(last, self._cells[bisect_right(self._cells, at)]))
            if length:
                pieces.append(_Piece(at, length, self._places(at, length)))
            at += max(1, length)
        return pieces

    def _longest(self, at: int, last: int) -> int:
        """How many letters from `at` the page has in one."""
        told, there = self._told.letters, self._there.letters
        least, most = 0, last - at
        while least < most:
            middle = (least + most + 1) // 2
            if told[at : at + middle] in there:
                least = middle
            else:
                most = middle - 1
        return least

    def _placed(self, pieces: Sequence[_Piece], expected: int) -> dict[_Piece, int]:
        """Each piece at one place: those the page has once first, then always the one nearest to another."""
        placed = {piece: piece.places[0] for piece in pieces if len(piece.places) == 1 and piece.length > 1}
        left = [piece for piece in pieces if piece not in placed]
        if not placed and left:
            longest = max(left, key=lambda piece: piece.length)
            placed[longest] = self._nearest(longest.places, longest.at, longest.length, expected)
            left.remove(longest)
        edges = [edge for piece, place in placed.items() for edge in (place, place + piece.length)]
        while left:
            best: tuple[int, int, _Piece, int] | None = None
            for piece in left:
                for place in piece.places:
                    gap = min(min(abs(place - edge), abs(place + piece.length - edge)) for edge in edges)
                    if best is None or (gap, -piece.length) < best[:2]:
                        best = (gap, -piece.length, piece, place)
            if best is None:
                break
            placed[best[2]] = best[3]
            left.remove(best[2])
            edges += [best[3], best[3] + best[2].length]
        return placed

    def _with_ends(
        self, runs: list[tuple[int, int]], start: int, end: int, first: int, last: int
    ) -> list[tuple[int, int]]:
        """The runs with the signs before the quote's first letter and after its last one: "(", "%", "."."""
        if not runs:
            return []
        head = "".join(self._text[start : self._told.origins[first]].split())
        tail = "".join(self._text[self._told.origins[last - 1] + 1 : end].split())
        opening = next((n for n, (a, _) in enumerate(runs) if self._is(a, first)), None)
        closing = next((n for n, (_, b) in enumerate(runs) if self._is(b - 1, last - 1)), None)
        if opening is not None:
            a, b = runs[opening]
            runs[opening] = (self._past(a - 1, head[::-1], -1) + 1, b)
        if closing is not None:
            a, b = runs[closing]
            runs[closing] = (a, self._past(b, tail, 1))
        return runs

    def _is(self, character: int, letter: int) -> bool:
        return _folded(self._drawn[character])[-1:] == self._told.letters[letter]

    def _past(self, place: int, signs: str, step: int) -> int:
        """The drawn character after `signs`, from `place` on, spaces between them left out."""
        reached = place
        for sign in signs:
            while 0 <= place < len(self._drawn) and self._drawn[place].isspace():
                place += step
            if not 0 <= place < len(self._drawn) or self._drawn[place] != sign:
                break
            place += step
            reached = place
        return reached


def _runs(placed: Mapping[_Piece, int]) -> list[_Run]:
    runs: list[_Run] = []
    for piece, place in sorted(placed.items(), key=lambda item: (item[1], item[0].at)):
        last = runs[-1] if runs else None
        joins = last is not None and 0 <= place - last.end <= 1 and 0 <= piece.at - last.told_end <= _LEFT_OUT
        end, told_end = place + piece.length, piece.at + piece.length
        if last is not None and joins:
            runs[-1] = _Run(last.start, end, told_end, last.letters + piece.length, last.pieces + 1)
        else:
            runs.append(_Run(place, end, told_end, piece.length, 1))
    return runs


def _cells(text: str, origins: Sequence[int]) -> list[int]:
    """The letters at which a cell of a table, or what stands under the name of its column, ends; the text's end."""
    ends = []
    start = 0
    for line in text.splitlines(keepends=True):
        if _CELL in line:
            signs = [0, *(m.end() for m in _CELL_SIGNS.finditer(line)), len(line)]
            ends += [bisect_left(origins, start + sign) for sign in signs]
        start += len(line)
    return sorted({*ends, len(origins)})
