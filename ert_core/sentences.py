"""Where sentences begin and end, in French and in English. Pure.

A sentence is what a person would quote: abbreviations, decimals and initials do not end one; a
heading, a list item or a table row is one of its own; a line break inside a paragraph is a space.
"""

from __future__ import annotations

import re

_BLOCK_BREAK = re.compile(r"\n[ \t]*\n\s*")
# Lines that stand alone: headings, list items, table rows.
_LONE_LINE = re.compile(r"^[ \t]*(?:#{1,6} |[-*•–▪◦] |\d{1,3}[.)] |[a-z]\) |.* \| )")
_CLOSERS = "(?:[ \u00a0\u202f]?»|[\"'”’)\\]])*"
# A block of at least so many lines is a table when this share of them begins like a row.
_ROWS, _ROW_SHARE = 4, 0.7
_ROW_START = re.compile(r"\s*[A-ZÀ-ÖØ-Þ0-9−–+<>≤≥]")
_END = re.compile(rf"[.!?…]+{_CLOSERS}(?=\s)")
_NEXT_STARTS = re.compile(r"[\s\"'“‘«(\[–—-]*[A-ZÀ-ÖØ-Þ0-9¿¡]|[\s]*[^\W\d_a-zA-ZÀ-ÿ]")
_ABBREVIATIONS = frozenset(
    """mme mmes mlle dr pr prof mr mrs ms st ste sr jr vs etc cf al fig figs eq eqs tab n° art chap sect vol p pp
    ed eds éd dir env approx ca resp i.e e.g c.-à-d c.à.d ex av apr j.-c inc ltd co corp dept gen col sgt lt hon rev
    bd tél réf ref u.s u.k a.m p.m ph.d jan feb mar jun jul aug sep sept oct nov dec janv févr juil déc""".split()
)
_LAST_WORD = re.compile(r"[\w.°'-]+$")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of every sentence of `text`, in order, without the white space around it."""
    spans: list[tuple[int, int]] = []
    for start, end in _blocks(text):
        spans.extend(_split_block(text, start, end))
    return spans


def block_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of every paragraph, heading, list item or table row of `text`."""
    return list(_blocks(text))


def is_heading(text: str) -> bool:
    """Whether a block is a heading: marked as in Markdown, or a short line without an end mark."""
    stripped = text.strip()
    if stripped.startswith("#"):
        return True
    if _LONE_LINE.match(stripped):  # a list item or a table row
        return False
    return len(stripped) <= 80 and "\n" not in stripped and bool(stripped) and stripped[-1] not in ".,;:!?…|»)"


def _blocks(text: str) -> list[tuple[int, int]]:
    blocks = []
    position = 0
    for gap in [*_BLOCK_BREAK.finditer(text), None]:
        end = gap.start() if gap else len(text)
        blocks.extend(_lines_of_block(text, position, end))
        position = gap.end() if gap else end
    return blocks


def _lines_of_block(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A block cut before and after lines that stand alone; wrapped lines stay together."""
    blocks: list[tuple[int, int]] = []
    rows = _is_table(text[start:end])
    open_start: int | None = None
    open_is_item = False
    line_start = start
    while line_start < end:
        line_end = text.find("\n", line_start, end)
        line_end = end if line_end < 0 else line_end
        line = text[line_start:line_end]
        if _LONE_LINE.match(line):
            if open_start is not None:
                blocks.append((open_start, line_start))
            row_or_heading = " | " in line or line.lstrip().startswith("#")
            if row_or_heading:
                blocks.append((line_start, line_end))
                open_start = None
            else:
                open_start = line_start
                open_is_item = True
        elif open_start is None:
            open_start = line_start
            open_is_item = False
        elif rows and _ROW_START.match(line):
            blocks.append((open_start, line_start))
            open_start = line_start
            open_is_item = False
        elif open_is_item and not line[:1].isspace() and text[line_start - 2 : line_start - 1] in ".;!?":
            # an item that ended, then an ordinary line
            blocks.append((open_start, line_start))
            open_start = line_start
            open_is_item = False
        line_start = line_end + 1
    if open_start is not None:
        blocks.append((open_start, end))
    return [span for span in (_trimmed(text, s, e) for s, e in blocks) if span[0] < span[1]]


def _is_table(block: str) -> bool:
    """Whether the lines of a block are rows: most begin with a capital or a number, unlike wrapped prose."""
    lines = block.strip().splitlines()
    beginnings = sum(bool(_ROW_START.match(line)) for line in lines)
    return len(lines) >= _ROWS and beginnings >= _ROW_SHARE * len(lines)


def _split_block(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = []
    position = start
    for match in _END.finditer(text, start, end):
        if match.end() >= end or not _NEXT_STARTS.match(text, match.end()) or _is_abbreviation(text, position, match):
            continue
        spans.append(_trimmed(text, position, match.end()))
        position = match.end()
    spans.append(_trimmed(text, position, end))
    return [(s, e) for s, e in spans if s < e]


def _is_abbreviation(text: str, start: int, end_mark: re.Match[str]) -> bool:
    if end_mark.group() != ".":
        return False
    word = _LAST_WORD.search(text, start, end_mark.start())
    if word is None:
        return False
    last = word.group().lower()
    initial = len(last) == 1 and last.isalpha() and text[end_mark.start() - 1].isupper()
    numbered = last.isdigit() and word.start() == start  # "3." at the head of a numbered item
    return last in _ABBREVIATIONS or initial or numbered or word.group() == "MM"


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
