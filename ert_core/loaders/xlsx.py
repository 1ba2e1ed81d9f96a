"""Excel workbooks: a page per sheet, its name as the heading, a line per row (`rows.py`)."""

from __future__ import annotations

import datetime
import sys
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from ert_core.loaders.refusals import RefusedError
from ert_core.loaders.request import RawPage, Request
from ert_core.loaders.rows import Cell, table_text

# Excel's own limit, and how many cells, those left empty between others included: a far cell costs a whole row.
_MOST_ROWS = 1_048_576
_MOST_CELLS = 20_000_000
_EMPTY = Cell("", False)


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """Sheets numbered from 1 in the order of the workbook; values as last calculated by Excel."""
    if "numpy" not in sys.modules:
        sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it for nothing: 0.2 s
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that no text is in
        workbook = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for number, sheet in enumerate(workbook.worksheets, start=1):
            sheet.reset_dimensions()  # many producers write them wrong
            table = table_text(_rows(sheet), request.limits.output_bytes)
            yield number, f"# {sheet.title}\n\n{table}" if table else ""


def _rows(sheet: Any) -> Iterator[list[Cell]]:
    cells = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells += len(row)
        if number > _MOST_ROWS or cells > _MOST_CELLS:
            raise RefusedError("archive_excessive")
        yield [_EMPTY if cell.value is None else _cell(cell) for cell in row]


def _cell(cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, str):
        return Cell(" ".join(value.split()), True)
    return Cell(shown_value(value, getattr(cell, "number_format", None) or ""), False)


def shown_value(value: object, number_format: str = "") -> str:
    """A number, date or truth value as text: ISO dates, no binary noise, percentages as such."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.replace(microsecond=0).isoformat(" ").removesuffix(":00")
    if isinstance(value, datetime.time):
        return value.replace(microsecond=0).isoformat().removesuffix(":00")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int | float):
        if "%" in number_format:
            return f"{_number(value * 100)} %"
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    """At most 15 significant digits, as Excel itself keeps; no exponent for ordinary magnitudes."""
    if isinstance(value, int):
        return str(value)
    short = f"{value:.15g}"
    if "e" in short and 1e-7 <= abs(value) < 1e21:
        return f"{value:.20f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"
    return short
