"""Rows of a table as lines that can be understood alone: "- header: value; header: value." Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

_LONGEST_NAME = 100


class Cell(NamedTuple):
    """What a cell shows, and whether it is a word rather than a number, a date or nothing."""

    text: str
    word: bool


def row_lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """One line a row, "" for an empty one. A row of words above other rows is their header.

    What stands above the header (titles, remarks) stays as it is. After an empty row another header may
    come; it must be followed by a row that is not all words.
    """
    header: list[str] | None = None
    after_gap = True
    current: Sequence[Cell] = ()
    for following in chain(rows, [()]):
        row, current = current, following
        if not any(cell.text for cell in row):
            after_gap = True
            yield ""
            continue
        opens = header is None or (after_gap and not _all_words(following))
        after_gap = False
        if opens and _is_header(row) and any(cell.text for cell in following):
            header = [cell.text for cell in row]
        else:
            yield _line(row, header)


def _is_header(row: Sequence[Cell]) -> bool:
    names = [cell.text for cell in row if cell.text]
    return len(names) >= 2 and _all_words(row) and max(map(len, names)) <= _LONGEST_NAME


def _all_words(row: Sequence[Cell]) -> bool:
    """Whether a row holds names only; a year can be the name of a column, after a word."""
    filled = [cell for cell in row if cell.text]
    return all(c.word or (n > 0 and c.text.isdigit() and len(c.text) == 4) for n, c in enumerate(filled))


def _line(row: Sequence[Cell], header: list[str] | None) -> str:
    parts = []
    for column, cell in enumerate(row):
        if cell.text:
            name = header[column] if header and column < len(header) else ""
            parts.append(f"{name}: {cell.text}" if name else cell.text)
    if header is None and len(parts) == 1:
        return parts[0]
    return item_line("; ".join(parts))


def item_line(text: str) -> str:
    """`text` as an item with a full stop: it reads as a sentence to whoever cuts the text into sentences."""
    return f"- {text}" if text.endswith((".", "!", "?", "…")) else f"- {text}."


def table_text(rows: Iterable[Sequence[Cell]]) -> str:
    """The lines of `row_lines` as one text, at most one empty line between two others."""
    lines: list[str] = []
    for line in row_lines(rows):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")
