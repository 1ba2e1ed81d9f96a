"""Lines of a PDF page and where they stand: raised and lowered signs go back to their line, and an empty
line opens a paragraph where the page leaves a gap or changes its letter size.

pdfium breaks the line at every change of the baseline: "14 m", "3", "/h" becomes "14 m³/h" here.
Whoever needs columns, running headers or page numbers starts from `read_lines`.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from math import hypot
from statistics import median
from typing import NamedTuple

from pypdfium2 import PdfTextPage, raw

_SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_RAISABLE = frozenset("0123456789+-−=()n")
_OPERATORS = frozenset("=<>≤≥≈+−-/·×∼⇔→({[,;")
_CLOSING = frozenset(".,;:)]}")
_EXPONENT = re.compile(r"(?<=[^\s(])[0-9+−-]")
_LONGEST_SCRIPT = 6
# Shares of the letter size.
_SMALL = 0.85
_SHIFT = (0.08, 0.75)
_NEAR = (-0.25, 0.6)
_SPACE = 0.12
# A paragraph's gap, as a multiple of the usual distance between lines; a heading's difference in size.
_GAP = 1.3
_OTHER_SIZE = 0.07


class Glyph(NamedTuple):
    """A character's edges and baseline in points (origin at the bottom left), and its letter size."""

    left: float
    right: float
    baseline: float
    size: float


class Line(NamedTuple):
    """A line of text with its first and its last visible character."""

    text: str
    first: Glyph
    last: Glyph


def page_text(text_page: PdfTextPage) -> str:
    """The text of a page, its lines ended by "\\n" and its paragraphs parted by an empty line."""
    return "\n".join(_with_paragraphs(join_scripts(read_lines(text_page))))


def read_lines(text_page: PdfTextPage) -> list[Line | str]:
    """The lines of a page as pdfium orders them; a bare string where a place is unknown."""
    if text_page.count_chars() <= 0:
        return []
    lines: list[Line | str] = []
    position = 0
    # The whole range, not a rectangle of the page: that would glue footnote signs to the numbers before them.
    for text in str(text_page.get_text_range()).split("\r\n"):
        lines.append(_placed(text_page, text, position))
        position += len(text) + 2
    return lines


def _placed(text_page: PdfTextPage, text: str, position: int) -> Line | str:
    visible = text.strip()
    if not visible:
        return text
    start = position + text.index(visible[0])
    first = _glyph(text_page, start, visible[0])
    last = _glyph(text_page, start + len(visible) - 1, visible[-1])
    if first is None or last is None:
        return text
    return Line(_with_raised_digits(text_page, text, position, first), first, last)


def _with_raised_digits(text_page: PdfTextPage, text: str, position: int, first: Glyph) -> str:
    """`text` with the exponents and footnote signs inside it raised: "10³", which is not "103"."""
    characters = list(text)
    for match in _EXPONENT.finditer(text):
        at = match.start()
        glyph = _glyph(text_page, position + at, text[at])
        if glyph and glyph.size < _SMALL * first.size and glyph.baseline > first.baseline + _SHIFT[0] * first.size:
            characters[at] = text[at].translate(_SUPERSCRIPTS)
    return "".join(characters)


def _glyph(text_page: PdfTextPage, position: int, character: str) -> Glyph | None:
    index = raw.FPDFText_GetCharIndexFromTextIndex(text_page, position)
    # Characters that pdfium adds or leaves out shift the positions: such a line keeps its text as it is.
    if index < 0 or raw.FPDFText_GetUnicode(text_page, index) != ord(character):
        return None
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    matrix = raw.FS_MATRIX()
    found = (
        raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
        and raw.FPDFText_GetCharOrigin(text_page, index, x, y)
        and raw.FPDFText_GetMatrix(text_page, index, matrix)
    )
    size = raw.FPDFText_GetFontSize(text_page, index) * hypot(matrix.c, matrix.d)
    return Glyph(left.value, right.value, y.value, size) if found and size > 0 else None


def join_scripts(lines: list[Line | str]) -> list[Line | str]:
    """Small raised or lowered signs, and what follows them on the same baseline, joined to their line."""
    joined: list[Line | str] = []
    for line in lines:
        before = joined[-1] if joined else None
        if isinstance(before, Line) and isinstance(line, Line):
            if _continues(before, line):
                gap = line.first.left - before.last.right
                apart = gap > _SPACE * before.first.size and line.text[:1] not in _CLOSING and line.text[:1] != " "
                space = " " if apart else ""
                joined[-1] = Line(before.text + space + line.text, before.first, line.last)
                continue
            script = _script(before, line)
            if script is not None:
                joined[-1] = script
                continue
        joined.append(line)
    return joined


def _continues(before: Line, line: Line) -> bool:
    size = before.first.size
    near = _NEAR[0] * size <= line.first.left - before.last.right <= _NEAR[1] * size
    same_size = abs(line.first.size - size) <= _OTHER_SIZE * size
    return near and same_size and abs(line.first.baseline - before.first.baseline) < 0.05 * size


def _script(before: Line, line: Line) -> Line | None:
    """`before` with the sign at the head of `line` raised or lowered, when that is what it is."""
    size = before.last.size
    shift = line.first.baseline - before.last.baseline
    near = _NEAR[0] * size <= line.first.left - before.last.right <= _NEAR[1] * size
    if not (near and line.first.size < _SMALL * size and _SHIFT[0] * size < abs(shift) < _SHIFT[1] * size):
        return None
    head, space, rest = line.text.strip().partition(" ")
    # After a sign of calculation it is the upper half of a fraction.
    bare = before.text.rstrip()[-1:] in _OPERATORS
    if bare or len(head) > _LONGEST_SCRIPT or (rest and line.last.size < _SMALL * size):
        return None
    if shift > 0 and set(head) <= _RAISABLE:
        head = head.translate(_SUPERSCRIPTS)
    space = "" if rest[:1] in _CLOSING else space
    return Line(before.text.rstrip() + head + space + rest, before.first, line.last)


def _with_paragraphs(lines: list[Line | str]) -> Iterator[str]:
    steps = list(_steps(lines))
    usual = median(steps) if steps else 0.0
    before: Line | None = None
    for line in lines:
        if not isinstance(line, Line):
            yield line
            continue
        if before is not None and _opens_paragraph(before, line, usual):
            yield ""
        yield line.text
        before = line


def _steps(lines: list[Line | str]) -> Iterator[float]:
    """Distances between the baselines of lines that follow each other downwards in one size."""
    placed = [line for line in lines if isinstance(line, Line)]
    for upper, lower in zip(placed, placed[1:]):  # noqa: B905  # the last line has no next one
        step = upper.first.baseline - lower.first.baseline
        if _same_size(upper, lower) and 0.5 * upper.first.size < step < 4 * upper.first.size:
            yield step


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.first.size - other.first.size) <= _OTHER_SIZE * max(one.first.size, other.first.size)


def _opens_paragraph(before: Line, line: Line, usual: float) -> bool:
    # A sentence that goes on is never cut, whatever the page looks like.
    if line.text.lstrip()[:1].islower() or before.text.rstrip()[-1:] in (",", "-", "\ufffe", "\x02"):
        return False
    step = before.first.baseline - line.first.baseline
    if step <= 0:  # a new column, or a text that does not run downwards
        return False
    return not _same_size(before, line) or (usual > 0 and step > _GAP * usual)
