"""Running headers, footers and page numbers of a PDF, found by comparing its pages, and taken out. Pure.

A line goes only when it stands in the margin, apart from the text, and the same place of other pages holds the same
words or a number that counts the pages. A page is never emptied.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from ert_core.loaders.pdf_lines import Line
from ert_core.loaders.pdf_tables import Block

Item = Line | Block | str
# The margin as a share of the page's height; the gap to the text, and the largest letters, as multiples of the text's.
_MARGIN = 0.14
_APART = 1.6
_LARGEST = 1.2
_MOST_LINES = 3
_LONGEST = 200
# Lines of two pages stand at the same place within so many points.
_PLACE = 4.0
# Running lines change with the chapter, and from left to right pages.
_NEAR_PAGES = 2
_FEW_PAGES = 4
# So many pages counted at one place, and so large a share, and the words beside the number may be others each time.
_COUNTED_PAGES, _COUNTED_SHARE = 5, 0.5
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:page|p\.|seite|s\.)?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*(?:(?:/|sur|of|de|von|-)\s*\d{1,4})?[\W_]*",
    re.IGNORECASE,
)
_NUMBER_FIRST_OR_LAST = re.compile(r"\d{1,4}\s+(?!\d).*|.*\D\s+\d{1,4}", re.DOTALL)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


class PlacedPage(NamedTuple):
    """The items of a page and its height in points, 0 when it is not known or the page is turned."""

    items: list[Item]
    height: float


class _Edge(NamedTuple):
    """A line of a margin: its page, which of the page's items it is made of, its text, and its place."""

    page: int
    items: tuple[int, ...]
    text: str
    place: tuple[bool, int]
    apart: bool

    @property
    def words(self) -> str:
        return _NUMBER.sub("#", self.text)

    @property
    def counts(self) -> set[int]:
        """How far each number in the line is from the page it stands on."""
        roman = _roman(self.text)
        numbers = [int(n) for n in _NUMBER.findall(self.text) if len(n) < 6] + ([roman] if roman else [])
        return {number - self.page for number in numbers}


def without_running_lines(pages: Sequence[PlacedPage]) -> list[list[Item]]:
    """The items of each page but its running lines."""
    places: dict[tuple[bool, int], list[_Edge]] = defaultdict(list)
    edges = [edge for n, page in enumerate(pages) for edge in _edges(n, page)]
    for edge in edges:
        places[edge.place].append(edge)
    slots = {
        place: _Slot([e for step in (-1, 0, 1) for e in places.get((place[0], place[1] + step), ())])
        for place in places
    }
    gone: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        if slots[edge.place].runs(edge, len(pages)):
            gone[edge.page].update(edge.items)
    kept = []
    for n, page in enumerate(pages):
        left = [item for i, item in enumerate(page.items) if i not in gone[n]]
        kept.append(left if any(map(_has_text, left)) else list(page.items))
    return kept


class _Slot:
    """The lines at one place of all pages, counted once."""

    def __init__(self, edges: Sequence[_Edge]) -> None:
        self._texts: dict[str, set[int]] = defaultdict(set)
        self._words: dict[tuple[str, int], set[int]] = defaultdict(set)
        self._counts: dict[int, set[int]] = defaultdict(set)
        for edge in edges:
            self._texts[edge.text].add(edge.page)
            for count in edge.counts:
                self._words[edge.words, count].add(edge.page)
                self._counts[count].add(edge.page)

    def runs(self, edge: _Edge, pages: int) -> bool:
        """Whether a line recurs here, or counts the pages."""
        if len(edge.text) > _LONGEST:
            return False
        counted = max((len(self._counts[count]) for count in edge.counts), default=0)
        several = counted >= max(_COUNTED_PAGES, _COUNTED_SHARE * pages)
        if not edge.apart:
            return several and _NUMBER_FIRST_OR_LAST.fullmatch(edge.text) is not None
        if _PAGE_NUMBER.fullmatch(edge.text):
            alone = pages == 1 and 1 in edge.counts and not edge.place[0]
            return alone or any(len(self._counts[count]) > 1 for count in edge.counts)
        if any(len(self._words[edge.words, count]) > 1 for count in edge.counts):
            return True
        same = self._texts[edge.text]
        if len(same) >= (2 if pages <= _FEW_PAGES else 3):
            return any(0 < abs(other - edge.page) <= _NEAR_PAGES for other in same)
        return several and _NUMBER_FIRST_OR_LAST.fullmatch(edge.text) is not None


def _edges(n: int, page: PlacedPage) -> list[_Edge]:
    """The lines in the margins of a page that stand apart from its text."""
    if page.height <= 0:
        return []
    rows = _rows(page.items)
    sizes = [item.first.size for item in page.items if isinstance(item, Line)]
    usual = median(sizes) if sizes else 0.0
    found = []
    for top in (True, False):
        ordered = rows if top else rows[::-1]
        margin: list[_Row] = []
        apart = 0
        for row, following in zip(ordered, [*ordered[1:], None], strict=False):
            distance = page.height - row.upper if top else row.lower
            if (
                not row.items
                or distance > _MARGIN * page.height
                or len(margin) == _MOST_LINES
                or row.size > _LARGEST * usual
            ):
                break
            margin.append(row)
            if following is None or _distance(row, following) > _APART * max(row.size, following.size):
                apart = len(margin)
        # One that touches the text is weighed as well, if it is the outermost: a full page leaves no gap.
        for m, row in enumerate(margin[: max(apart, 1)]):
            found.append(_Edge(n, row.items, row.text, (top, round(row.lower / _PLACE)), m < apart))
    return found


class _Row(NamedTuple):
    items: tuple[int, ...]  # none for a table: it is never a running line
    text: str
    upper: float
    lower: float
    size: float


def _rows(items: Sequence[Item]) -> list[_Row]:
    """What stands on one baseline together, from the top of the page to its bottom."""
    rows: list[_Row] = []
    placed: list[tuple[float, int]] = []
    for i, item in enumerate(items):
        if isinstance(item, Block):
            rows.append(_Row((), "", item.upper, item.lower, item.size))
        elif isinstance(item, Line) and item.text.strip():
            placed.append((item.first.baseline, i))
    last: _Row | None = None
    for baseline, i in sorted(placed, key=lambda pair: (-pair[0], pair[1])):
        line = items[i]
        if not isinstance(line, Line):
            continue
        text = " ".join(line.text.split()).casefold()
        if last is not None and last.lower - baseline < 0.3 * last.size:
            rows.pop()
            last = _Row(
                (*last.items, i), f"{last.text} {text}", last.upper, last.lower, max(last.size, line.first.size)
            )
        else:
            last = _Row((i,), text, baseline, baseline, line.first.size)
        rows.append(last)
    return sorted(rows, key=lambda row: -row.upper)


def _distance(row: _Row, other: _Row) -> float:
    return max(row.lower - other.upper, other.lower - row.upper)


def _has_text(item: Item) -> bool:
    return isinstance(item, Block) or bool((item if isinstance(item, str) else item.text).strip())


def _roman(text: str) -> int:
    letters = text.strip(" .-–—")
    if not letters or len(letters) > 7 or set(letters) - set(_ROMAN):
        return 0
    values = [_ROMAN[letter] for letter in letters]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))
