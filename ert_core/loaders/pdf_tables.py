"""Tables and columns of a PDF page, found from where its lines stand: white lanes that run down the page. Pure.

A run of lines, in the order in which they were drawn, that leaves one or more such lanes free is a table when its
cells are short, and text in columns when they are long.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ert_core.loaders.pdf_lines import WIDE_GAP, Line
from ert_core.loaders.rows import Cell, document_rows, text_cell

# Shares of the letter size: the narrowest lane, the farthest next line, lines of one cell.
_LANE = 0.5
_FARTHEST = 3.2
_WRAP = 1.5
_SAME_BASELINE = 0.3
# Cells longer than this in every column are prose, in so many rows or more.
_PROSE_CHARACTERS, _PROSE_ROWS = 24, 4
_LIST_MARK = re.compile(r"(?:[-–—•▪◦‣●○■□►→*]|\(?(?:\d{1,3}|[A-Za-z]|[ivxlc]+)\)+)(?:\s|$)")
_LIST_ITEM = re.compile(
    rf"{_LIST_MARK.pattern}|(?:\d{{1,2}}(?:\.\d{{1,2}})*\.?|[A-Za-z]\.|[¹²³⁴⁵⁶⁷⁸⁹⁰]+|\d{{3}})(?:\s|$)"
)
# Shares: cells with a word in them, and rows of more than one cell.
_WORDED, _WORDED_PAIRS, _WIDE_ROWS = 0.2, 0.45, 0.6
_LOOKED_INTO = 60
# A row that stands so much farther from the others than they do is none of the table: a running header.
_OUTLYING = 1.7
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
        end, columns = _region(lines, n)
        region = [line for line in lines[n:end] if isinstance(line, Line)]
        found = _arranged_region(region, columns) if end > n and not _outlying(region) else None
        if found is None:
            # A short run may hold a table further down; a long one is not looked at again and again.
            skipped = 1 if len(region) <= _LOOKED_INTO else len(region)
            items += lines[n : n + skipped]
            n += skipped
        else:
            items += found
            n = end
    return items


def _region(lines: Sequence[Line | str], start: int) -> tuple[int, list[tuple[float, float]]]:
    """Where the run of lines ends that leaves the lanes of its first row free, and its columns.

    `start` when no run begins there.
    """
    first, second = lines[start], lines[start + 1] if start + 1 < len(lines) else ""
    if not (isinstance(first, Line) and isinstance(second, Line) and _side_by_side(first, second)):
        return start, []
    columns = _merged([_extent(first), _extent(second)], first.first.size)
    top = max(first.first.baseline, second.first.baseline)
    bottom = min(first.first.baseline, second.first.baseline)
    end, single = start + 2, 0
    for line in lines[start + 2 :]:
        if not isinstance(line, Line):
            break
        size, baseline = line.first.size, line.first.baseline
        if baseline > top + size or bottom - baseline > _FARTHEST * size:
            break
        wider = _merged([*columns, _extent(line)], size)
        if len(wider) < len(columns):
            before = lines[end - 1]
            if len(columns) < 3 or not (isinstance(before, Line) and _side_by_side(before, line)):
                break
            wider = columns  # a cell over several columns, within a row
        columns, bottom = wider, min(bottom, baseline)
        end += 1
        # What stands alone under the last row is no part of it.
        single = single + 1 if _alone(lines, end - 1) else 0
    while single and not _wraps(lines[end - 2], lines[end - 1]):
        end, single = end - 1, single - 1
    return end, columns


def _outlying(region: Sequence[Line]) -> bool:
    """Whether the first row stands apart from the ones below."""
    levels = sorted({round(line.first.baseline, 1) for line in region}, reverse=True)
    steps = [
        upper - lower for upper, lower in pairwise(levels) if upper - lower > _SAME_BASELINE * region[0].first.size
    ]
    return len(steps) > 1 and steps[0] > max(_OUTLYING * median(steps[1:]), 2 * region[0].first.size)


def _side_by_side(before: Line, after: Line) -> bool:
    size = before.first.size
    level = abs(before.first.baseline - after.first.baseline) < _SAME_BASELINE * size
    return level and after.first.left - before.last.right > WIDE_GAP * size


def _extent(line: Line) -> tuple[float, float]:
    return min(line.first.left, line.last.left), max(line.first.right, line.last.right)


def _merged(intervals: Sequence[tuple[float, float]], size: float) -> list[tuple[float, float]]:
    """Intervals that overlap, or leave no lane between them, as one."""
    merged: list[tuple[float, float]] = []
    for left, right in sorted(intervals):
        if merged and left < merged[-1][1] + _LANE * size:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged


def _alone(lines: Sequence[Line | str], n: int) -> bool:
    """Whether no line drawn next to this one stands on its baseline."""
    line = lines[n]
    near = [other for other in (*lines[max(0, n - 3) : n], *lines[n + 1 : n + 4]) if isinstance(other, Line)]
    return isinstance(line, Line) and not any(
        abs(other.first.baseline - line.first.baseline) < _SAME_BASELINE * line.first.size for other in near
    )


def _wraps(before: Line | str, line: Line | str) -> bool:
    """Whether `line` goes on with the cell that `before` is in."""
    if not (isinstance(before, Line) and isinstance(line, Line)):
        return False
    step = before.first.baseline - line.first.baseline
    starts_small = line.text.lstrip()[:1].islower()
    return (
        abs(before.first.left - line.first.left) < line.first.size
        and 0 < step < _WRAP * line.first.size
        and starts_small
    )


def _arranged_region(region: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[Line | Block | str] | None:
    """A run of lines as a table or as columns; None when it is neither."""
    size = median(line.first.size for line in region)
    placed = [
        (next((n for n, c in enumerate(columns) if _extent(line)[0] <= c[1]), len(columns) - 1), line)
        for line in region
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
    if abs(last.first.baseline - line.first.baseline) < _SAME_BASELINE * size and column != last_column:
        return False
    goes_on = line.text.lstrip()[:1].islower() or line.text.lstrip()[:1] in "(–"
    if column > last_column:
        return step > _WRAP * size and not goes_on or line.first.baseline > top + _WRAP * size
    if column == last_column:
        return not (last.first.baseline - line.first.baseline < _WRAP * size and (goes_on or len(row) > 1))
    # A writer that draws line by line: the rest of a cell, in small letters, close below.
    return not (goes_on and 0 < step < _WRAP * size)


def _cells(row: Sequence[tuple[int, Line]], width: int) -> list[Cell]:
    texts = [""] * width
    for column, line in row:
        text = line.text.strip()
        if not any(map(str.isprintable, text)) or "\ue000" <= text <= "\uf8ff":  # a sign without a known character
            continue
        glue = "" if texts[column].endswith(("-", "\ufffe", "\x02")) or not texts[column] else " "
        texts[column] += glue + text
    return [text_cell(text) for text in texts]
