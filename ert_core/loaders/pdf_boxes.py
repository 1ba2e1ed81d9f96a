"""The characters of a PDF page, and the boxes that runs of them cover."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence

from pypdfium2 import PdfTextPage, raw

# (left, bottom, right, top) in points, origin at the bottom left of the page.
Box = tuple[float, float, float, float]

_MOST_BOXES = 3000
_HIGHEST = 0x10FFFF
# Shares of the letters' height: how far the boxes of one line overlap, and the widest space within one.
_LEVEL, _SPACE = 0.5, 1.5
# Shares of the letter size: what a line takes below and above its baseline. The sine of an angle that is none.
_BELOW, _ABOVE = 0.22, 0.74
_TILT = 0.02


def read_characters(text_page: PdfTextPage) -> str:
    """The characters of a page by pdfium's own index, one for each."""
    codes = (raw.FPDFText_GetUnicode(text_page, n) for n in range(max(0, text_page.count_chars())))
    return "".join(chr(code) if code <= _HIGHEST else "\0" for code in codes)


def quote_boxes(text_page: PdfTextPage, runs: Sequence[tuple[int, int]]) -> list[Box]:
    """The boxes that cover runs (first, end) of characters, one a line where it can be."""
    boxes: list[Box] = []
    for first, end in runs:
        line: Box | None = None
        for upright, box in _boxes(text_page, first, end):
            if line is not None and _in_line(line, box, upright):
                line = _joined(line, box)
            else:
                boxes += [line] if line is not None else []
                line = box
        boxes += [line] if line is not None else []
        if len(boxes) > _MOST_BOXES:
            break
    return boxes[:_MOST_BOXES]


def _boxes(text_page: PdfTextPage, first: int, end: int) -> Iterator[tuple[bool, Box]]:
    """Whether the text runs from left to right, and the box of each character that shows."""
    for n in range(first, end):
        if chr(min(raw.FPDFText_GetUnicode(text_page, n), _HIGHEST)).isspace():
            continue
        box = _box(text_page, n)
        if box is not None:
            level = abs(math.sin(raw.FPDFText_GetCharAngle(text_page, n)))
            yield level < 0.7, _as_high_as_its_line(text_page, n, box) if level < _TILT else box


def _box(text_page: PdfTextPage, n: int) -> Box | None:
    """The box of a character's shape."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(text_page, n, left, right, bottom, top):
        return None
    box = (left.value, bottom.value, right.value, top.value)
    return box if all(map(math.isfinite, box)) and box[0] < box[2] and box[1] < box[3] else None


def _as_high_as_its_line(text_page: PdfTextPage, n: int, box: Box) -> Box:
    """The box with room for tall letters and descenders: fonts' own figures of these are often wrong."""
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    if not (raw.FPDFText_GetCharOrigin(text_page, n, x, y) and raw.FPDFText_GetMatrix(text_page, n, matrix)):
        return box
    size = raw.FPDFText_GetFontSize(text_page, n) * math.hypot(matrix.c, matrix.d)
    if not (math.isfinite(size) and math.isfinite(y.value) and matrix.d > 0):
        return box
    return box[0], min(box[1], y.value - _BELOW * size), box[2], max(box[3], y.value + _ABOVE * size)


def _in_line(line: Box, box: Box, upright: bool) -> bool:
    """Whether a character goes on with the line: beside it, or above and below where the text runs so."""
    along, across = ((0, 2), (1, 3)) if upright else ((1, 3), (0, 2))
    height = min(line[across[1]] - line[across[0]], box[across[1]] - box[across[0]])
    overlap = min(line[across[1]], box[across[1]]) - max(line[across[0]], box[across[0]])
    gap = max(box[along[0]] - line[along[1]], line[along[0]] - box[along[1]])
    return overlap > _LEVEL * height and gap < _SPACE * height


def _joined(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
