"""A document's text -> its language, its passages, their words, and what is embedded of each.

Ingestion and re-reading (`reindexing`) both come here, so that they cannot differ. A change that
makes other passages, words or embedded texts raises `ANALYSIS_VERSION`: documents analysed by an
older version are then read again, from their stored text, in the background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ert_core.languages import detect_language, stems
from ert_core.passages import PageSpan, PassageSpan, split_passages

ANALYSIS_VERSION = 2


@dataclass(frozen=True)
class Analysis:
    """`words[i]` (stems) belong to `passages[i]`."""

    language: str
    passages: list[PassageSpan]
    words: list[list[str]]


def analyse(text: str, pages: Sequence[PageSpan]) -> Analysis:
    """Split a document's text into passages and find their words."""
    passages = split_passages(text, pages)
    language = detect_language(text)
    return Analysis(language, passages, [stems(text[p.start : p.end], language) for p in passages])


def embedded_texts(text: str, passages: Sequence[PassageSpan]) -> list[str]:
    """What the embedding model reads of each passage of a document's text."""
    return [text[p.start : p.end] for p in passages]
