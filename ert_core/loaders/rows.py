"""Rows of a table as lines that can be understood alone: "Name: value | Name: value". Pure.

`sentences.py` takes such a line for one sentence, whatever its cells hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from ert_core.loaders.refusals import RefusedError

_LONGEST_NAME = 100
# A key of a table of two columns without a header: "Client | Town hall".
_LONGEST_KEY = 60
_WORD = re.compile(r"(?![-+−–±~≈<>≤≥=\s]*\d)(?=.*[^\W\d_])", re.DOTALL)


class Cell(NamedTuple):
    """What a cell shows, whether it is a word rather than a number, a date or nothing, and whether it names others."""

    text: str
    word: bool
    heading: bool = False


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
            header = [cell.text.replace("|", "/") for cell in row]
        else:
            yield _line(row, header)


def _is_header(row: Sequence[Cell]) -> bool:
    names = [cell.text for cell in row if cell.text]
    return len(names) >= 2 and _all_words(row) and max(map(len, names)) <= _LONGEST_NAME


def _all_words(row: Sequence[Cell]) -> bool:
    """Whether a row holds names only; a year can be the name of a column, after a word."""
    filled = [cell for cell in row if cell.text]
    return all(c.word or (n > 0 and c.text.isdigit() and len(c.text) == 4) for n, c in enumerate(filled))


def _line(row: Sequence[Cell], header: Sequence[str] | None) -> str:
    parts = []
    for column, cell in enumerate(row):
        if cell.text:
            name = header[column] if header and column < len(header) else ""
            value = cell.text.replace("|", "/")
            parts.append(f"{name.rstrip(' :')}: {value}" if name.rstrip(" :") else value)
    if len(parts) == 1:
        return parts[0] if header is None else item_line(parts[0])
    return " | ".join(parts)


def text_cell(text: str, *, heading: bool = False) -> Cell:
    """A cell of a document's table; what begins with a number ("48,5 m", "≤ 3") is no word."""
    text = " ".join(text.split())
    return Cell(text, _WORD.match(text) is not None, heading)


def document_rows(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The lines of a table in a document, its header repeated in each row.

    Rows of headings are the header, else a first row of words is. Two columns of words without one are
    read as keys and their values. A table of one column is a text: its cells are paragraphs.
    """
    filled = [row for row in rows if any(cell.text for cell in row)]
    if not filled:
        return []
    if max(sum(bool(cell.text) for cell in row) for row in filled) < 2:
        return [line for row in filled for line in ("", _line(row, None), "")]
    count = 0
    while count < len(filled) - 1 and _all_headings(filled[count]):
        count += 1
    width = max(map(len, filled))
    if not count and width == 2 and any(cell.word for row in filled[1:] for cell in row[1:]):
        return [_pair(row) for row in filled]
    if not count and len(filled) > 1 and _is_header(filled[0]):
        count = 1
    header = _names(filled[:count], width) if count else None
    return [_line(row, header) for row in filled[count:]]


def _all_headings(row: Sequence[Cell]) -> bool:
    return all(cell.heading or not cell.text for cell in row)


def _names(rows: Sequence[Sequence[Cell]], width: int) -> list[str]:
    """The name of each column; a header of several rows is read downwards."""
    columns = [[row[n].text for row in rows if n < len(row) and row[n].text] for n in range(width)]
    return [" ".join(dict.fromkeys(names)).replace("|", "/") for names in columns]


def _pair(row: Sequence[Cell]) -> str:
    texts = [cell.text.replace("|", "/") for cell in row if cell.text]
    if len(texts) == 2 and len(texts[0]) <= _LONGEST_KEY:
        return item_line(f"{texts[0].rstrip(' :')}: {texts[1]}")
    return " | ".join(texts)


def item_line(text: str) -> str:
    """`text` as an item with a full stop: it reads as a sentence to whoever cuts the text into sentences."""
    return f"- {text}" if text.endswith((".", "!", "?", "…")) else f"- {text}."


def table_text(rows: Iterable[Sequence[Cell]], most: int) -> str:
    """The lines of `row_lines` as one text, at most one empty line between two others.

    Raises RefusedError as soon as it has more than `most` characters: a header is repeated in each row.
    """
    lines: list[str] = []
    for line in row_lines(rows):
        if line or (lines and lines[-1]):
            lines.append(line)
            most -= len(line)
            if most < 0:
                raise RefusedError("limit_output")
    return "\n".join(lines).strip("\n")


class TableGrid:
    """The rows of a table, what spans several rows or columns repeated where it holds."""

    def __init__(self) -> None:
        self.rows: list[list[Cell]] = []
        self._hanging: dict[int, tuple[int, Cell]] = {}  # column -> how many rows more, and what hangs there

    def start_row(self) -> None:
        """Cells added from here on stand in a new row."""
        self.rows.append([])

    def add(self, text: str, heading: bool, columns: int, rows: int) -> None:
        """The next cell of the row, `columns` wide and `rows` high."""
        row = self.rows[-1]
        self._hang(row)
        cell = text_cell(text, heading=heading)
        for n in range(columns):
            shown = cell if n == 0 or heading else Cell("", False, heading)
            if rows > 1:
                self._hanging[len(row)] = (rows - 1, shown)
            row.append(shown)

    def _hang(self, row: list[Cell]) -> None:
        while (hanging := self._hanging.pop(len(row), None)) is not None:
            more, cell = hanging
            if more > 1:
                self._hanging[len(row)] = (more - 1, cell)
            row.append(cell)
