"""Stretches of a document's text to read in: around a quote, and the ones before and after. Pure.

A stretch begins and ends at a paragraph where it can, else at a line, else at white space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Characters: what is shown before and after a quote, of a stretch that is read on, and of a quote at most.
CONTEXT = 500
STRETCH = 1400
_MOST = 6000
# How far the end of a paragraph may be from where a stretch would end, as a share of it; lines and words come after.
_SLACK = 0.5
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_LINE = re.compile(r"\n")
_SPACE = re.compile(r"\s+")
# A shorter line ends for a reason; a row of a table, an item of a list and a heading stand by themselves.
_FULL_LINE = 45
_OWN_LINE = re.compile(r" \| |^\s*(?:[-–•*+#>|¹²³]|\(?(?:\d{1,3}|[a-z])[.)])")


@dataclass(frozen=True)
class Stretch:
    """Characters `start` to `end` of a document's text, as `text`, and the parts of the quotes in it.

    `spans` are (start, end) in `text`, in order, without overlap. `earlier` and `later`: the document goes on there.
    """

    text: str
    start: int
    end: int
    spans: tuple[tuple[int, int], ...]
    earlier: bool
    later: bool


def around(text: str, spans: Sequence[tuple[int, int]], limits: tuple[int, int] | None = None) -> Stretch:
    """The text around the first of `spans`, (start, end) in `text`, and around those that stand close to it.

    It stays within `limits`, say a page's; without a span it begins where they do.
    """
    low, high = limits or (0, len(text))
    inside = sorted((max(start, low), min(end, high)) for start, end in spans if start < high and end > low)
    if not inside:
        return after(text, low, spans, limits)
    first, last = inside[0]
    for start, end in inside:
        if start - last <= CONTEXT and end - first <= _MOST:
            last = max(last, end)
    last = min(last, first + _MOST)
    return _stretch(text, _back(text, first, CONTEXT, low), _on(text, last, CONTEXT, high), spans, (low, high))


def after(
    text: str, position: int, spans: Sequence[tuple[int, int]] = (), limits: tuple[int, int] | None = None
) -> Stretch:
    """The stretch that begins at `position`, the `end` of the one before."""
    low, high = limits or (0, len(text))
    return _stretch(text, position, _on(text, position, STRETCH, high), spans, (low, high))


def before(
    text: str, position: int, spans: Sequence[tuple[int, int]] = (), limits: tuple[int, int] | None = None
) -> Stretch:
    """The stretch that ends at `position`, the `start` of the one after."""
    low, high = limits or (0, len(text))
    return _stretch(text, _back(text, position, STRETCH, low), position, spans, (low, high))


def flowing(text: str) -> str:
    """`text`, as long as it was, with spaces for the line ends inside its paragraphs. Lists, tables, headings stay."""
    lines = text.split("\n")
    joined = lines[0]
    for line, following in pairwise(lines):
        full = len(line) >= _FULL_LINE and not _OWN_LINE.search(line)
        goes_on = bool(following.strip()) and not _OWN_LINE.search(following)
        joined += (" " if full and goes_on else "\n") + following
    return joined


def _stretch(text: str, start: int, end: int, spans: Sequence[tuple[int, int]], limits: tuple[int, int]) -> Stretch:
    inside: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        first, last = max(first, start) - start, min(last, end) - start
        if inside and first < inside[-1][1]:
            first = inside[-1][1]
        if first < last:
            inside.append((first, last))
    earlier, later = bool(text[limits[0] : start].strip()), bool(text[end : limits[1]].strip())
    return Stretch(text[start:end], start, end, tuple(inside), earlier, later)


def _on(text: str, position: int, wanted: int, limit: int) -> int:
    """Where a stretch that goes on for about `wanted` characters from `position` ends."""
    target = position + wanted
    if target >= limit:
        return limit
    slack = round(wanted * _SLACK)
    for pattern in (_PARAGRAPH, _LINE, _SPACE):
        ends = [m.end() for m in pattern.finditer(text, max(position + 1, target - slack), min(limit, target + slack))]
        if ends:
            return min(ends, key=lambda end: abs(end - target))
    return min(limit, target)


def _back(text: str, position: int, wanted: int, limit: int) -> int:
    """Where a stretch that begins about `wanted` characters before `position` begins."""
    target = position - wanted
    if target <= limit:
        return limit
    slack = round(wanted * _SLACK)
    for pattern in (_PARAGRAPH, _LINE, _SPACE):
        starts = [m.end() for m in pattern.finditer(text, max(limit, target - slack), min(position, target + slack))]
        if starts:
            return min(starts, key=lambda start: abs(start - target))
    return max(limit, target)
