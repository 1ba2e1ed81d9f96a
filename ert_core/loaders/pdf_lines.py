"""Lines of a PDF page and where they stand: cut where the page leaves a wide gap (columns, cells), and raised
and lowered signs back in their line.

pdfium breaks the line at every change of the baseline: "14 m", "3", "/h" becomes "14 m³/h" here.
"""

from __future__ import annotations

import ctypes
import re
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
OTHER_SIZE = 0.07
# A wider gap parts columns or cells. Spaces in justified lines can be as wide: `pdf_tables.py` tells.
WIDE_GAP = 0.9
_SPACES = re.compile(r" +")
# Letters set apart for their looks: "R A P P O R T".
_SPACED_LETTERS = re.compile(r"(?:[^\W\d_] +){4,}[^\W\d_]")
_FOOTNOTE = re.compile(r"(\d{1,3})(?=[^\W\d_])")


class Glyph(NamedTuple):
    """A character's edges and baseline in points (origin at the bottom left), and its letter size."""

    left: float
    right: float
    baseline: float
    size: float


class Line(NamedTuple):
    """A line of text, or a part of one, with its first and its last visible character.

    `goes_on`: pdfium had it in one line with the part before, a wide gap between them. `body`: the first character
    after a raised number that opens the line.
    """

    text: str
    first: Glyph
    last: Glyph
    goes_on: bool = False
    body: Glyph | None = None


def read_lines(text_page: PdfTextPage) -> list[Line | str]:
    """The lines of a page as pdfium orders them, cut at wide gaps; a bare string where a place is unknown."""
    if text_page.count_chars() <= 0:
        return []
    lines: list[Line | str] = []
    position = 0
    # The whole range, not a rectangle of the page: that would glue footnote signs to the numbers before them.
    for text in str(text_page.get_text_range()).split("\r\n"):
        for n, (part, at) in enumerate(_parts(text_page, text, position)):
            line = _placed(text_page, part, at)
            lines.append(line._replace(goes_on=n > 0) if isinstance(line, Line) else line)
        position += len(text) + 2
    return lines


def _parts(text_page: PdfTextPage, text: str, position: int) -> list[tuple[str, int]]:
    """`text` cut at its wide gaps, each part with its position."""
    gaps = [(m, _gap(text_page, text, position, m)) for m in _SPACES.finditer(text.rstrip()) if m.start()]
    if not gaps:
        return [(text, position)]
    limit = WIDE_GAP
    if _SPACED_LETTERS.match(text.strip()):
        limit = 1.6 * median(gap for _, gap in gaps)
    parts, start = [], 0
    for match, gap in gaps:
        if gap > limit:
            parts.append((text[start : match.start()], position + start))
            start = match.end()
    return [*parts, (text[start:], position + start)]


def _gap(text_page: PdfTextPage, text: str, position: int, spaces: re.Match[str]) -> float:
    """The width of a gap between two words as a share of the letter size, 0 where it is not known."""
    before = _box(text_page, position + spaces.start() - 1, text[spaces.start() - 1])
    after = _box(text_page, position + spaces.end(), text[spaces.end()])
    if before is None or after is None:
        return 0.0
    return (after[0] - before[1]) / max(before[2], after[2])


def _box(text_page: PdfTextPage, position: int, character: str) -> tuple[float, float, float] | None:
    """Left and right edge of a character in points, and its letter size."""
    index = raw.FPDFText_GetCharIndexFromTextIndex(text_page, position)
    if index < 0 or raw.FPDFText_GetUnicode(text_page, index) != ord(character):
        return None
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    matrix = raw.FS_MATRIX()
    if not (
        raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
        and raw.FPDFText_GetMatrix(text_page, index, matrix)
    ):
        return None
    size = raw.FPDFText_GetFontSize(text_page, index) * hypot(matrix.c, matrix.d)
    return (left.value, right.value, size) if size > 0 else None


def _placed(text_page: PdfTextPage, text: str, position: int) -> Line | str:
    visible = text.strip()
    if not visible:
        return text
    start = position + text.index(visible[0])
    first = _glyph(text_page, start, visible[0])
    last = _glyph(text_page, start + len(visible) - 1, visible[-1])
    if first is None or last is None:
        return text
    if _SPACED_LETTERS.fullmatch(visible):
        return Line(visible.replace(" ", ""), first, last)
    note = _FOOTNOTE.match(visible)
    if note is not None:
        letter = _glyph(text_page, start + note.end(), visible[note.end()])
        if letter and first.size < _SMALL * letter.size and first.baseline > letter.baseline + _SHIFT[0] * letter.size:
            return Line(visible, first, last, body=letter)
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
                joined[-1] = before._replace(text=before.text + space + line.text, last=line.last)
                continue
            script = _script(before, line)
            if script is not None:
                joined[-1] = script
                continue
        joined.append(_with_note_mark(line) if isinstance(line, Line) else line)
    return joined


def _with_note_mark(line: Line) -> Line:
    """A footnote with its raised number set apart: "¹ See chapter 2"."""
    note = _FOOTNOTE.match(line.text) if line.body else None
    if note is None or line.body is None:
        return line
    text = f"{note.group().translate(_SUPERSCRIPTS)} {line.text[note.end() :]}"
    return line._replace(text=text, first=line.body._replace(left=line.first.left), body=None)


def _continues(before: Line, line: Line) -> bool:
    size = before.first.size
    near = _NEAR[0] * size <= line.first.left - before.last.right <= _NEAR[1] * size
    same_size = abs(line.first.size - size) <= OTHER_SIZE * size
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
    return before._replace(text=before.text.rstrip() + head + space + rest, last=line.last)
