"""Runs of lines of a PDF page that leave white lanes free between them: perhaps a table, or text in columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ert_core.loaders.pdf_lines import OTHER_SIZE, WIDE_GAP, Line
from ert_core.sentence_ends import label_end

# Shares of the letter size: the narrowest lane, the farthest next line, lines of one cell, lines of one row.
_LANE = 0.5
FARTHEST = 3.2
WRAP = 1.5
SAME_BASELINE = 0.3
# What stands between two tables: a sentence of so many spaces, a line so far outside the first column.
_FEWEST_SPACES = 3
_OUTSIDE = 0.3
# A row that stands so much farther from the others than they do is none of the table: a running header.
_OUTLYING = 1.7


def lane_run(lines: Sequence[Line | str], start: int) -> tuple[int, list[tuple[float, float]]]:
    """Where the run of lines ends that leaves the lanes of its first row free, and its columns.

    `start` when no run begins there.
    """
    first, second = lines[start], lines[start + 1] if start + 1 < len(lines) else ""
    if not (isinstance(first, Line) and isinstance(second, Line) and _side_by_side(first, second)):
        return start, []
    columns = _merged([extent(first), extent(second)], first.first.size)
    top = max(first.first.baseline, second.first.baseline)
    bottom = min(first.first.baseline, second.first.baseline)
    end, single = start + 2, 0
    for line in lines[start + 2 :]:
        if not isinstance(line, Line):
            break
        size, baseline = line.first.size, line.first.baseline
        if baseline > top + size or bottom - baseline > FARTHEST * size:
            break
        if bottom - baseline > WRAP * size and _between_tables(lines, end, columns[0], first.first.size):
            break
        wider = _merged([*columns, extent(line)], size)
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


def is_outlying(region: Sequence[Line]) -> bool:
    """Whether the first row stands apart from the ones below."""
    size = region[0].first.size
    levels = sorted({round(line.first.baseline, 1) for line in region}, reverse=True)
    steps = [upper - lower for upper, lower in pairwise(levels) if upper - lower > SAME_BASELINE * size]
    # Smaller steps are those of cells in the middle of a row.
    others = [step for step in steps[1:] if step >= size]
    return bool(others) and steps[0] > max(_OUTLYING * median(others), 2 * size)


def _side_by_side(before: Line, after: Line) -> bool:
    size = before.first.size
    level = abs(before.first.baseline - after.first.baseline) < SAME_BASELINE * size
    return level and after.first.left - before.last.right > WIDE_GAP * size


def extent(line: Line) -> tuple[float, float]:
    """Left and right edge of a line in points."""
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
        abs(other.first.baseline - line.first.baseline) < SAME_BASELINE * line.first.size for other in near
    )


def _between_tables(lines: Sequence[Line | str], n: int, column: tuple[float, float], size: float) -> bool:
    """Whether a line in the place of a first cell is a sentence, a caption or a heading: another table may follow."""
    line = lines[n]
    if not isinstance(line, Line) or line.first.left > column[1]:
        return False
    if not _alone(lines, n) or _begins_row(lines, n, column):
        return False
    text = line.text.strip()
    sentence = text[-1:] in (".", ":", "!", "?") and text.count(" ") >= _FEWEST_SPACES
    outside = line.first.left < column[0] - _OUTSIDE * size
    larger = line.first.size > (1 + OTHER_SIZE) * size
    return sentence or outside or larger or label_end(text) > 0


def _begins_row(lines: Sequence[Line | str], n: int, column: tuple[float, float]) -> bool:
    """Whether a line, and those that wrap under it, have a cell at their right."""
    last = lines[n]
    for line in lines[n + 1 :]:
        if not (isinstance(line, Line) and isinstance(last, Line)):
            return False
        step = last.first.baseline - line.first.baseline
        if line.first.left > column[1]:
            return step < SAME_BASELINE * line.first.size
        if not 0 < step < WRAP * line.first.size:
            return False
        last = line
    return False


def _wraps(before: Line | str, line: Line | str) -> bool:
    """Whether `line` goes on with the cell that `before` is in."""
    if not (isinstance(before, Line) and isinstance(line, Line)):
        return False
    step = before.first.baseline - line.first.baseline
    starts_small = line.text.lstrip()[:1].islower()
    return (
        abs(before.first.left - line.first.left) < line.first.size
        and 0 < step < WRAP * line.first.size
        and starts_small
    )
