"""The tables of Markdown (GitHub Flavored Markdown, 4.10) as rows that can be understood alone. Pure."""

from __future__ import annotations

import re

from ert_core.loaders.rows import document_rows, text_cell

_DELIMITER = re.compile(r":?-+:?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CELL_END = re.compile(r"(?<!\\)\|")


def with_readable_tables(text: str) -> str:
    """`text` with every table as lines "Name: value | Name: value"; code stays as it is."""
    if "|" not in text:
        return text
    lines = text.split("\n")
    written: list[str] = []
    fence = ""
    n = 0
    while n < len(lines):
        line = lines[n]
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark.group(1).startswith(fence) else fence
        elif mark:
            fence = mark.group(1)
        elif _opens_table(line, lines[n + 1] if n + 1 < len(lines) else ""):
            end = n + 2
            while end < len(lines) and "|" in lines[end] and not _FENCE.match(lines[end]):
                end += 1
            if end > n + 2:
                header = [text_cell(cell, heading=True) for cell in _cells(line)]
                rows = [[text_cell(cell) for cell in _cells(row)] for row in lines[n + 2 : end]]
                written += [row for row in document_rows([header, *rows]) if row]
                n = end
                continue
        written.append(line)
        n += 1
    return "\n".join(written)


def _opens_table(line: str, following: str) -> bool:
    if "|" not in line or "|" not in following or "-" not in following:
        return False
    delimiters = _cells(following)
    return all(map(_DELIMITER.fullmatch, delimiters)) and len(_cells(line)) == len(delimiters)


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(inner)]
