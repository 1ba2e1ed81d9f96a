"""Checks what an answer says against the passages it cites.

A statement of a written answer is supported by a passage when every number in it stands there and
most of its words do; the citation then points at the sentence of the passage that comes closest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ert_core.languages import is_stop_word, stem, words
from ert_core.sentences import sentence_spans
from ert_core.types import Citation, ScoredPassage

MARKER = re.compile(r"[ \t]*\[(\d{1,3})\]")
# The share of a statement's words that its passage must hold.
SUPPORT_SHARE = 0.6
_NUMBER = re.compile(r"\d")
_MARKERS_AFTER_STOP = re.compile(r"([.!?…])((?:[ \t]*\[\d{1,3}\])+)")


def cite(answer: str, language: str, passages: Sequence[ScoredPassage]) -> tuple[str, tuple[Citation, ...]]:
    """A written answer without the markers of passages that do not exist, and its checked citations.

    Marker [n] names `passages[n - 1]`; one citation a marker, made from the first statement that
    carries it and verified only when every statement that carries it is supported.
    """
    # "... 5 m. [1]" cites the sentence before the stop.
    answer = _MARKERS_AFTER_STOP.sub(r"\2\1", answer)
    text = MARKER.sub(lambda m: m.group() if 1 <= int(m.group(1)) <= len(passages) else "", answer)
    citations: dict[int, Citation] = {}
    for start, end in sentence_spans(text):
        statement = text[start:end]
        for number in dict.fromkeys(int(n) for n in MARKER.findall(statement)):
            found = _citation(number, MARKER.sub("", statement), language, passages[number - 1])
            known = citations.get(number)
            citations[number] = found if known is None else replace(known, verified=known.verified and found.verified)
    return text, tuple(citations[n] for n in sorted(citations))


def citation_at(n: int, found: ScoredPassage, start: int, end: int, *, verified: bool) -> Citation:
    """Marker [n] at characters start to end of a passage's own text."""
    passage = found.passage
    return Citation(
        n=n,
        document_id=passage.document_id,
        document=found.document_name,
        page=passage.page,
        start=passage.start + start,
        end=passage.start + end,
        quote=passage.text[start:end],
        verified=verified,
    )


def _citation(n: int, statement: str, language: str, found: ScoredPassage) -> Citation:
    passage = found.passage
    spans = sentence_spans(passage.text) or [(0, len(passage.text))]
    said = _content(statement, language)
    start, end = max(spans, key=lambda span: len(said & _content(passage.text[span[0] : span[1]], language)))
    return citation_at(n, found, start, end, verified=_supported(said, _content(passage.text, language)))


def _supported(said: set[str], source: set[str]) -> bool:
    if not said:
        return False
    numbers = {w for w in said if _NUMBER.search(w)}
    return numbers <= source and len(said & source) >= SUPPORT_SHARE * len(said)


def _content(text: str, language: str) -> set[str]:
    return {stem(w, language) for w in words(text) if not is_stop_word(w, language)}
