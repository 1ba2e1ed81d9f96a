"""A document's text -> its language, its passages, their sentences and words, and what is embedded of each.

Ingestion and re-reading (`reindexing`) both come here, so that they cannot differ. A change that
makes other passages, words or embedded texts raises `ANALYSIS_VERSION`: documents analysed by an
older version are then read again, from their stored text, in the background.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ert_core.cpu_budget import pause
from ert_core.languages import detect_language, stems
from ert_core.passages import PageSpan, PassageSpan, split_passages
from ert_core.sentences import block_spans, is_heading, sentence_spans

ANALYSIS_VERSION = 2


@dataclass(frozen=True)
class Sentence:
    """Characters `start` to `end` of a passage, and the stems there, stop words left out.

    The headings above a passage stand before its sentences, with `end` 0: they are looked up with the
    passage, but are no part of it.
    """

    start: int
    end: int
    stems: tuple[str, ...]


@dataclass(frozen=True)
class Analysis:
    """`sentences[i]` and `headings[i]` (a text, empty for none) belong to `passages[i]`."""

    language: str
    passages: list[PassageSpan]
    sentences: list[list[Sentence]]
    headings: list[str]


def analyse(text: str, pages: Sequence[PageSpan], cancelled: threading.Event | None = None) -> Analysis:
    """Split a document's text into passages and find their sentences and words.

    It pauses for the CPU budget, page by page and passage by passage; `cancelled` ends the pauses.
    """
    passages: list[PassageSpan] = []
    for page in pages:
        pause(cancelled)
        passages += split_passages(text, [page])
    language = detect_language(text)
    headings = list(_headings_above(text, passages))
    sentences = []
    for passage, heading in zip(passages, headings, strict=True):
        pause(cancelled)
        own = text[passage.start : passage.end]
        above = [Sentence(0, 0, tuple(stems(heading, language)))] if heading else []
        sentences.append(above + [Sentence(s, e, tuple(stems(own[s:e], language))) for s, e in sentence_spans(own)])
    return Analysis(language, passages, sentences, headings)


def embedded_texts(text: str, analysis: Analysis) -> list[list[str]]:
    """What the embedding model reads of each passage: the headings above it and its sentences, in order."""
    return [
        [text[passage.start + s.start : passage.start + s.end] if s.end else heading for s in sentences]
        for passage, sentences, heading in zip(analysis.passages, analysis.sentences, analysis.headings, strict=True)
    ]


def to_line_text(sentences: Sequence[Sentence]) -> str:
    """Sentences as the database keeps them: a line each, start, end and stems."""
    return "\n".join(" ".join([str(s.start), str(s.end), *s.stems]) for s in sentences)


def from_line_text(words: str) -> list[Sentence]:
    """The sentences that `to_line_text` wrote."""
    sentences = []
    for line in words.split("\n") if words else ():
        start, end, *stems_there = line.split(" ")
        sentences.append(Sentence(int(start), int(end), tuple(stems_there)))
    return sentences


def _headings_above(text: str, passages: Sequence[PassageSpan]) -> Iterator[str]:
    """For each passage, the document's title and the last heading before it, unless they stand in it."""
    headings = [(s, e) for s, e in block_spans(text) if is_heading(text[s:e])]
    title = headings[0] if headings and not text[: headings[0][0]].strip() else None
    last: tuple[int, int] | None = None
    position = 0
    for passage in passages:
        while position < len(headings) and headings[position][1] <= passage.start:
            last = headings[position]
            position += 1
        above = [span for span in dict.fromkeys((title, last)) if span is not None and span[1] <= passage.start]
        yield " – ".join(" ".join(text[s:e].lstrip("# ").split()) for s, e in above)
