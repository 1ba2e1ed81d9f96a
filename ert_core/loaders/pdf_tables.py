"""Tables and columns of a PDF page, found from the white lanes between its lines (`pdf_lanes.py`). Pure.

A run of lines, in the order in which they were drawn, that leaves one or more lanes free is a table when its cells are
short, and text in columns when they are long.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from ert_core.loaders.pdf_lanes import FARTHEST, SAME_BASELINE, WRAP, extent, is_outlying, lane_run
from ert_core.loaders.pdf_lines import Line
from ert_core.loaders.rows import Cell, document_rows, text_cell

# Cells longer than this in every column are prose, in so many rows or more.
_PROSE_CHARACTERS, _PROSE_ROWS = 24, 4
_LIST_MARK = re.compile(r"(?:[-–—•▪◦‣●○■□►→*]|\(?(?:\d{1,3}|[A-Za-z]|[ivxlc]+)\)+)(?:\s|$)")
_LIST_ITEM = re.compile(
    rf"{_LIST_MARK.pattern}|(?:\d{{1,2}}(?:\.\d{{1,2}})*\.?|[A-Za-z]\.|[¹²³⁴⁵⁶⁷⁸⁹⁰]+|\d{{3}})(?:\s|$)"
)
# Shares: cells with a word in them, and rows of more than one cell.
_WORDED, _WORDED_PAIRS, _WIDE_ROWS = 0.2, 0.45, 0.6
_LOOKED_INTO = 60
_LEADERS = re.compile(r"(?:\. ?){4,}")
_LETTERS = re.compile(r"[^\W\d_]{3,}")


class Block(NamedTuple):
    """A table as the lines of text that stand for it; its highest and lowest baseline, and its letter size."""

    rows: list[str]
    upper: float
    lower: float
    size: float


def arranged(lines: Sequence[Line | str]) -> list[Line | Block | str]:
    """The lines in the order they read, tables as blocks."""
    items: list[Line | Block | str] = []
    n = 0
    while n < len(lines):
        end, columns = lane_run(lines, n)
        region = [line for line in lines[n:end] if isinstance(line, Line)]
        found = _arranged_region(region, columns) if end > n and not is_outlying(region) else None
        if found is None:
            # A short run may hold a table further down; a long one is not looked at again and again.
            skipped = 1 if len(region) <= _LOOKED_INTO else len(region)
            items += lines[n : n + skipped]
            n += skipped
        else:
            items += found
            n = end
    return items


def _arranged_region(region: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[Line | Block | str] | None:
    """A run of lines as a table or as columns; None when it is neither."""
    size = median(line.first.size for line in region)
    placed = [
        (next((n for n, c in enumerate(columns) if extent(line)[0] <= c[1]), len(columns) - 1), line) for line in region
    ]
    rows = _rows(placed, size)
    wide_rows = sum(len({column for column, _ in row}) > 1 for row in rows)
    texts = [[line.text for column, line in placed if column == n] for n in range(len(columns))]
    lengths = [median(map(len, cells)) if cells else 0 for cells in texts]
    levels = {(round(line.first.baseline / size), column) for column, line in placed}
    wide_levels = sum(n > 1 for n in Counter(level for level, _ in levels).values())
    if min(lengths) > _PROSE_CHARACTERS and wide_levels >= _PROSE_ROWS and len(columns) <= 3:
        return [line for n in range(len(columns)) for column, line in placed if column == n]
    if not _is_table(placed, rows, len(columns), wide_rows):
        return None
    lines = document_rows([_cells(row, len(columns)) for row in rows])
    baselines = [line.first.baseline for line in region]
    return [Block(lines, max(baselines), min(baselines), size)]


def _is_table(
    placed: Sequence[tuple[int, Line]], rows: Sequence[Sequence[tuple[int, Line]]], columns: int, wide_rows: int
) -> bool:
    """Told from lists, contents and displayed mathematics."""
    texts = [line.text.strip() for _, line in placed]
    if any(map(_LEADERS.search, texts)):
        return False
    heads = [line.text.strip() for column, line in placed if column == 0]
    mark = _LIST_ITEM if columns == 2 else _LIST_MARK
    if sum(map(bool, map(mark.match, heads))) > 0.6 * len(heads):
        return False
    worded = sum(map(bool, map(_LETTERS.search, texts)))
    if columns > 2 and worded and _named_numbers(rows, columns):
        return True
    if worded < 2 or worded < (_WORDED_PAIRS if columns == 2 else _WORDED) * len(texts):
        return False
    pages = [line.text.strip() for column, line in placed if column == columns - 1]
    numbered = columns == 2 or all(map(_LIST_ITEM.match, heads))
    if numbered and all(map(str.isdecimal, pages)) and pages == sorted(pages, key=int):  # a table of contents
        return False
    return wide_rows >= (3 if columns == 2 else 2) and wide_rows >= _WIDE_ROWS * len(rows)


def _named_numbers(rows: Sequence[Sequence[tuple[int, Line]]], columns: int) -> bool:
    """Whether the first row names every column and all that follows is numbers."""
    first, *others = (_cells(row, columns) for row in rows)
    cells = [cell for row in others for cell in row if cell.text]
    return all(cell.word for cell in first) and bool(cells) and not any(cell.word for cell in cells)


def _rows(placed: Sequence[tuple[int, Line]], size: float) -> list[list[tuple[int, Line]]]:
    """The lines of a table, row by row: cells are drawn from left to right, all lines of a cell together."""
    rows: list[list[tuple[int, Line]]] = []
    for column, line in placed:
        if rows and not _opens_row(rows[-1], column, line, size):
            rows[-1].append((column, line))
        else:
            rows.append([(column, line)])
    return rows


def _opens_row(row: Sequence[tuple[int, Line]], column: int, line: Line, size: float) -> bool:
    last_column, last = row[-1]
    top = max(other.first.baseline for _, other in row)
    lowest = min(other.first.baseline for _, other in row)
    step = lowest - line.first.baseline
    if abs(last.first.baseline - line.first.baseline) < SAME_BASELINE * size and column != last_column:
        return False
    goes_on = line.text.lstrip()[:1].islower() or line.text.lstrip()[:1] in "(–"
    if column > last_column:
        return step > WRAP * size and not goes_on or line.first.baseline > top + FARTHEST * size
    if column == last_column:
        return not (last.first.baseline - line.first.baseline < WRAP * size and (goes_on or len(row) > 1))
    # A writer that draws line by line: the rest of a cell, in small letters, close below.
    return not (column and goes_on and 0 < step < WRAP * size)


def _cells(row: Sequence[tuple[int, Line]], width: int) -> list[Cell]:
    texts = [""] * width
    for column, line in row:
        text = line.text.strip()
        if not any(map(str.isprintable, text)) or "\ue000" <= text <= "\uf8ff":  # a sign without a known character
            continue
        glue = "" if texts[column].endswith(("-", "\ufffe", "\x02")) or not texts[column] else " "
        texts[column] += glue + text
    return [text_cell(text) for text in texts]
