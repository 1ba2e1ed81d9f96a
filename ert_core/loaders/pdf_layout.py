"""The text of a PDF page from its placed lines: tables row by row, columns one after the other, and an empty
line where a paragraph opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from ert_core.loaders.pdf_lines import OTHER_SIZE, Line
from ert_core.loaders.pdf_tables import Block

# A paragraph's gap, as a multiple of the usual distance between lines; its indent as one of the letter size.
_GAP = 1.3
_LEVEL = 0.1
_INDENT = (0.8, 4.0)


def page_text(items: Sequence[Line | Block | str]) -> str:
    """The text of a page, its lines ended by "\\n" and its paragraphs parted by an empty line."""
    return "\n".join(_with_paragraphs(_joined(items)))


def _joined(items: Sequence[Line | Block | str]) -> list[Line | Block | str]:
    """The parts of a line that stand in no table, as one line again."""
    joined: list[Line | Block | str] = []
    for item in items:
        before = joined[-1] if joined else None
        if isinstance(before, Line) and isinstance(item, Line) and _beside(before, item):
            joined[-1] = before._replace(text=f"{before.text.rstrip()} {item.text.lstrip()}", last=item.last)
        else:
            joined.append(item)
    return joined


def _beside(before: Line, item: Line) -> bool:
    level = abs(before.first.baseline - item.first.baseline) < _LEVEL * item.first.size
    return item.goes_on or (level and item.first.left > before.last.right)


def _with_paragraphs(lines: Sequence[Line | Block | str]) -> Iterator[str]:
    steps = list(_steps(lines))
    usual = median(steps) if steps else 0.0
    before: Line | None = None
    for line in lines:
        if isinstance(line, Block):
            yield from [*line.rows, ""]
            before = None
            continue
        if not isinstance(line, Line):
            yield line
            continue
        if before is not None and _opens_paragraph(before, line, usual):
            yield ""
        yield line.text
        before = line


def _steps(lines: Sequence[Line | Block | str]) -> Iterator[float]:
    """Distances between the baselines of lines that follow each other downwards in one size."""
    placed = [line for line in lines if isinstance(line, Line)]
    for upper, lower in zip(placed, placed[1:]):  # noqa: B905  # the last line has no next one
        step = upper.first.baseline - lower.first.baseline
        if _same_size(upper, lower) and 0.5 * upper.first.size < step < 4 * upper.first.size:
            yield step


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.first.size - other.first.size) <= OTHER_SIZE * max(one.first.size, other.first.size)


def _opens_paragraph(before: Line, line: Line, usual: float) -> bool:
    # A sentence that goes on is never cut, whatever the page looks like.
    if line.text.lstrip()[:1].islower() or before.text.rstrip()[-1:] in (",", "-", "\ufffe", "\x02"):
        return False
    step = before.first.baseline - line.first.baseline
    if step <= 0:  # a new column, or a text that does not run downwards
        return False
    indent = (line.first.left - before.first.left) / line.first.size
    if before.text.rstrip()[-1:] in (".", "!", "?") and _INDENT[0] < indent < _INDENT[1]:
        return True
    return not _same_size(before, line) or (usual > 0 and step > _GAP * usual)
