"""JSON, JSON lines and notebooks as text: "- path: value." lines, records a line each as in `rows.py`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ert_core.loaders.request import RawPage, Request
from ert_core.loaders.rows import item_line
from ert_core.loaders.text import decode

# Not str.splitlines: a JSON text may hold U+2028 or U+0085 as they are, never a raw \r or \n.
_LINE_END = re.compile(r"[\r\n]+")


class _Lexeme(str):
    """A number as it is written in the file: 1.50 stays 1.50."""


def parse(content: bytes, request: Request) -> Iterator[RawPage]:
    """One page without a number. What is not JSON after all is kept as plain text."""
    source = decode(content)
    try:
        value = _loads(source)
    except (ValueError, RecursionError):
        try:
            value = [_loads(line) for line in _LINE_END.split(source) if line.strip()]
        except (ValueError, RecursionError):
            yield None, source
            return
    if request.suffix == ".ipynb" and isinstance(value, dict) and isinstance(value.get("cells"), list):
        yield None, _notebook(value["cells"])
    else:
        try:
            yield None, "\n".join(_lines(value, ""))
        except RecursionError:
            yield None, source


def _loads(source: str) -> Any:
    return json.loads(source, parse_int=_Lexeme, parse_float=_Lexeme, parse_constant=_Lexeme)


def _lines(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        if path and _is_record(value):
            yield _record(value, path)
            return
        for key, inner in value.items():
            yield from _lines(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        yield from _list_lines(value, path)
    elif value is not None and value != "":
        yield item_line(f"{path}: {_scalar(value)}") if path else _scalar(value)


def _list_lines(values: list[Any], path: str) -> Iterator[str]:
    if all(not isinstance(v, dict | list) for v in values):
        shown = "; ".join(_scalar(v) for v in values if v is not None)
        if shown:
            yield item_line(f"{path}: {shown}") if path else shown
        return
    for number, value in enumerate(values, start=1):
        if isinstance(value, dict) and _is_record(value):
            yield _record(value, path)
        else:
            yield ""
            yield from _lines(value, f"{path}[{number}]" if path else f"[{number}]")


def _is_record(value: dict[str, Any]) -> bool:
    """An object of plain values, or of lists of them: it reads well on one line."""
    return all(
        not isinstance(v, dict) and not (isinstance(v, list) and any(isinstance(i, dict | list) for i in v))
        for v in value.values()
    )


def _record(value: dict[str, Any], path: str) -> str:
    parts = []
    for key, inner in value.items():
        shown = ", ".join(map(_scalar, inner)) if isinstance(inner, list) else _scalar(inner)
        if inner is not None and shown:
            parts.append(f"{key}: {shown}")
    line = "; ".join(parts)
    return item_line(f"{path}: {line}" if path else line) if parts else ""


def _scalar(value: Any) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    return "null" if value is None else str(value).strip()


def _notebook(cells: list[Any]) -> str:
    """The Markdown and the code of a Jupyter notebook; what the code printed is left out."""
    blocks = []
    for cell in cells:
        source = cell.get("source", "") if isinstance(cell, dict) else ""
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if text.strip():
            blocks.append(text.strip("\n"))
    return "\n\n".join(blocks)
