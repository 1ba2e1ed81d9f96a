"""Pages -> the document's text and its passages, with character offsets. Pure.

A passage is a run of whole sentences of one page, at most `MAX_CHARACTERS` long; it ends at a
paragraph where it can, and a heading always opens a new one. Only a sentence that is longer by
itself is cut, at white space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ert_core.sentences import block_spans, is_heading, sentence_spans
from ert_core.types import Page

MAX_CHARACTERS = 1000
# From here on a passage ends at the next paragraph rather than take it in.
GOOD_CHARACTERS = 500
PAGE_SEPARATOR = "\n\n"


@dataclass(frozen=True)
class PageSpan:
    """Where a page stands in the document's text. `number` as in `types.Page`."""

    number: int | None
    start: int
    end: int


@dataclass(frozen=True)
class PassageSpan:
    """Where a passage stands in the document's text, and on which page."""

    page: int | None
    start: int
    end: int


def join_pages(pages: Sequence[Page]) -> tuple[str, list[PageSpan]]:
    """The document's text and where each page stands in it."""
    spans = []
    position = 0
    for page in pages:
        spans.append(PageSpan(page.number, position, position + len(page.text)))
        position += len(page.text) + len(PAGE_SEPARATOR)
    return PAGE_SEPARATOR.join(page.text for page in pages), spans


def split_passages(text: str, pages: Sequence[PageSpan]) -> list[PassageSpan]:
    """The passages of a document, in order. They never overlap and leave out only white space."""
    passages = []
    for page in pages:
        page_text = text[page.start : page.end]
        for start, end in _page_passages(page_text):
            passages.append(PassageSpan(page.number, page.start + start, page.start + end))
    return passages


def _page_passages(text: str) -> list[tuple[int, int]]:
    passages: list[tuple[int, int]] = []
    start: int | None = None
    end = 0
    heading_only = False
    for block_start, block_end in block_spans(text):
        heading = is_heading(text[block_start:block_end])
        if start is not None and not heading_only:
            long_enough = end - start >= GOOD_CHARACTERS and block_end - start > MAX_CHARACTERS
            if (heading and text[block_start] == "#") or long_enough:
                passages.append((start, end))
                start = None
        for piece_start, piece_end in _pieces(text, block_start, block_end):
            if start is not None and piece_end - start > MAX_CHARACTERS:
                passages.append((start, end))
                start = None
            start = piece_start if start is None else start
            end = piece_end
        heading_only = heading and start == block_start
    if start is not None:
        passages.append((start, end))
    return passages


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of a block; one that is too long is cut at white space."""
    pieces = []
    for sentence_start, sentence_end in sentence_spans(text[start:end]):
        position, last = start + sentence_start, start + sentence_end
        while last - position > MAX_CHARACTERS:
            cut = max(
                text.rfind(" ", position + 1, position + MAX_CHARACTERS),
                text.rfind("\n", position + 1, position + MAX_CHARACTERS),
            )
            cut = position + MAX_CHARACTERS if cut <= position else cut
            pieces.append((position, cut))
            position = cut
            while position < last and text[position].isspace():
                position += 1
        if position < last:
            pieces.append((position, last))
    return pieces
