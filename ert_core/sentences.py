"""Where sentences begin and end, in French and in English. Pure.

A sentence is what a person would quote: abbreviations, decimals and initials do not end one; a
heading, a list item or a table row is one of its own; a line break inside a paragraph is a space.
"""

from __future__ import annotations

import re
from itertools import pairwise

from ert_core.sentence_ends import label_end, sentence_ends

_BLOCK_BREAK = re.compile(r"\n[ \t]*\n\s*")
# Lines that stand alone: headings, table rows, list items.
_HEADING_OR_ROW = re.compile(r"[ \t]*#{1,6} |.* \| ")
_ITEM = re.compile(r"[ \t]*(?:[-*+•–▪◦‣●○■□►✓☐→] |\(?[a-z]\) |\(?[ivx]{1,4}\) |\(\d{1,3}\) |\d{1,3}° )")
# These may also be the number or the dash of a sentence that goes on; a line above that ended tells them apart.
_MAYBE_ITEM = re.compile(r"[ \t]*(?:\d{1,3}[.)] |— )")
# A block of at least so many lines is a table when this share of them begins like a row.
_ROWS, _ROW_SHARE, _LONGEST_MEAN_ROW = 4, 0.7, 70
_ROW_START = re.compile(r"\s*[A-ZÀ-ÖØ-Þ0-9−–+<>≤≥]")
# "3.1 Waste" above its text.
_NUMBERED_HEADING = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}\.? +[A-ZÀ-ÖØ-Þ][^|]{0,80}")
_LONGEST_HEADING = 80
_END_MARKS = ".,;:!?…|»)。！？؟۔।"
_FULL_ENDS = (".", ";", "!", "?", "…", "。", "！", "？")
_ITEM_ENDS = (*_FULL_ENDS, ":", ",", "»", ")")
# A longer row is a text in cells: its sentences are told apart.
_LONGEST_ROW = 1000


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
    """Whether a block is a heading: marked as in Markdown, a short line without an end mark, or a caption."""
    stripped = text.strip()
    if stripped.startswith("#"):
        return True
    if _HEADING_OR_ROW.match(stripped) or _ITEM.match(stripped) or _MAYBE_ITEM.match(stripped):
        return False
    if not stripped or "\n" in stripped or stripped[-1] in _END_MARKS:
        return False
    return len(stripped) <= _LONGEST_HEADING or (len(stripped) <= 2 * _LONGEST_HEADING and label_end(stripped) > 0)


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
    opened = start  # where the block at hand begins
    is_item = False
    above = ""  # the line above, "" where nothing goes on from it
    line_start = start
    while line_start < end:
        line_end = text.find("\n", line_start, end)
        line_end = end if line_end < 0 else line_end
        line = text[line_start:line_end]
        alone = _stands_alone(line, above)
        ended = above.rstrip()[-1:] in _ITEM_ENDS if above else True
        item = not alone and (
            _ITEM.match(line) is not None or (_MAYBE_ITEM.match(line) is not None and (ended or is_item))
        )
        new_row = rows and _ROW_START.match(line) is not None
        after_item = is_item and above.rstrip()[-1:] in _FULL_ENDS and not line[:1].isspace()
        if alone or item or not above or new_row or after_item:
            blocks.append((opened, line_start))
            opened, is_item = line_start, item
        above = "" if alone else line
        line_start = line_end + 1
    blocks.append((opened, end))
    return [span for span in (_trimmed(text, s, e) for s, e in blocks) if span[0] < span[1]]


def _stands_alone(line: str, above: str) -> bool:
    if _HEADING_OR_ROW.match(line):
        return True
    begins = not above or above.rstrip()[-1:] in _FULL_ENDS
    return begins and _NUMBERED_HEADING.fullmatch(line.rstrip()) is not None and line.rstrip()[-1] not in _END_MARKS


def _is_table(block: str) -> bool:
    """Whether the lines of a block are rows: short ones that mostly begin with a capital or a number."""
    lines = block.strip().splitlines()
    if sum(map(len, lines)) > _LONGEST_MEAN_ROW * len(lines):  # wrapped prose
        return False
    beginnings = sum(bool(_ROW_START.match(line)) for line in lines)
    return len(lines) >= _ROWS and beginnings >= _ROW_SHARE * len(lines)


def _split_block(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if _is_row(text, start, end):  # a cell may hold full stops; the row is what can be understood
        return [(start, end)]
    cuts = [start, *sentence_ends(text, start, end), end]
    spans = [_trimmed(text, s, e) for s, e in pairwise(cuts)]
    return [(s, e) for s, e in spans if s < e]


def _is_row(text: str, start: int, end: int) -> bool:
    if end - start > _LONGEST_ROW or "\n" in (row := text[start:end]):
        return False
    cells = row.split(" | ")
    return len(cells) > 2 or (len(cells) == 2 and (row.startswith("|") or ": " in cells[0]))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
