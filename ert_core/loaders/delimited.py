"""CSV and TSV: the delimiter is found from the file, each row becomes a line (`rows.py`)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from ert_core.loaders.request import RawPage, Request
from ert_core.loaders.rows import Cell, table_text
from ert_core.loaders.text import clean, decode

_DELIMITERS = (";", "\t", ",", "|")
_SAMPLE_LINES = 60
# Numbers in either notation, with a unit or a sign of percentage; dates and times.
# The last digit is told apart by what follows it: were digits allowed there, the search would take the square of them.
_NUMBER = re.compile(r"[-+−]?[\d \u00a0\u202f.,']*\d[.,]*(?:[eE][-+]?\d+)?\s*%?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?\S*)?|\d{1,2}:\d{2}(?::\d{2})?")


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """One page without a number."""
    text = clean(decode(content))
    lines = text.split("\n")
    delimiter = "\t" if request.suffix in (".tsv", ".tab") else None
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # a note to Excel
        delimiter, lines = lines[0][4], lines[1:]
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter or _delimiter(lines))
    yield None, table_text(([_cell(value) for value in row] for row in reader), request.limits.output_bytes)


def _delimiter(lines: list[str]) -> str:
    """The delimiter that cuts most lines into the same number of columns, two or more."""
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        wide = [w for w in widths if w > 1]
        if not wide:
            continue
        usual = max(set(wide), key=wide.count)
        score = wide.count(usual) / len(widths)
        # Strictly better only: a comma is also in decimals and sentences, so it comes late.
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _cell(value: str) -> Cell:
    text = " ".join(value.split())
    return Cell(text, bool(text) and not _NUMBER.fullmatch(text) and not _DATE.fullmatch(text))
