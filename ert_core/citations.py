"""Checks what a written answer says against the numbered passages, sentence by sentence, while it is written.

A citation is kept when its passage supports the statement, moved to the passage that does, or dropped
and the statement marked as unverified. See `support` for what "supports" means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ert_core.sentences import sentence_spans
from ert_core.types import Citation, ScoredPassage, Statement, StatementStatus
from ert_core.verification.chatter import says_nothing
from ert_core.verification.layout import is_layout, layout_end
from ert_core.verification.markers import (
    MARKER,
    MARKER_GROUP,
    cited,
    normalised,
    only,
    shown_so_far,
    without_attribution,
    without_markers,
)
from ert_core.verification.quantities import quantities
from ert_core.verification.source_text import Encode, SourceText, prepare
from ert_core.verification.support import Support, stands_in, support

__all__ = ["MARKER", "CheckedText", "CitationChecker", "citation_at", "cite", "supported_share"]

_STOP = re.compile(r"[ \t\u00a0\u202f]*(?:[.!?…:;]+[\"'”’)»\u00a0\u202f ]*)?$")
_LIST_NUMBER = re.compile(r"^\s*(?:[-*•]\s*)?\d{1,3}[.)]\s")
_LEADING = " \t\u00a0\u202f,;"
# Between markers, a part of a sentence with so many words is a statement of its own.
_SHORTEST_PART = 3


@dataclass(frozen=True)
class CheckedText:
    """A text with its markers as they stand after the check, its checked statements and its citations.

    While the text is being written, `text` goes on after the last statement.
    """

    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]


def cite(answer: str, language: str, passages: Sequence[ScoredPassage], encode: Encode) -> CheckedText:
    """A whole written answer, checked. Marker [n] names `passages[n - 1]`; `encode` gives unit vectors."""
    checker = CitationChecker(language, passages, encode)
    checker.add(answer)
    return checker.finish()


class CitationChecker:
    """Takes an answer piece by piece and checks each sentence once it is complete."""

    def __init__(self, language: str, passages: Sequence[ScoredPassage], encode: Encode) -> None:
        self._language = language
        self._passages = passages
        self._encode = encode
        self._sources: list[SourceText] | None = None
        self._done = ""
        self._tail = ""
        self._statements: list[Statement] = []
        self._citations: set[Citation] = set()

    def add(self, piece: str) -> CheckedText:
        """Take the next piece; the sentences it completes are checked, the one at its end waits."""
        self._tail += piece if self._done or self._tail else piece.lstrip()
        self._tail = self._with_known_markers(final=False)
        spans = sentence_spans(self._tail)
        complete = spans[:-1]
        if complete and self._tail[spans[-1][0]] == "[":
            complete.pop()  # the marker of the sentence before, not at its end yet
        self._check(complete)
        return self._checked(shown_so_far(self._tail))

    def finish(self) -> CheckedText:
        """The whole answer, its last sentence checked too."""
        self._tail = self._with_known_markers(final=True).rstrip()
        self._check(sentence_spans(self._tail))
        checked = self._checked(self._tail)
        self._done, self._tail = checked.text, ""
        return checked

    def _checked(self, tail: str) -> CheckedText:
        citations = sorted(self._citations, key=lambda c: (c.n, c.start))
        return CheckedText(self._done + tail, tuple(self._statements), tuple(citations))

    def _with_known_markers(self, *, final: bool) -> str:
        text = normalised(self._tail, final=final)
        return only(text, lambda n: 1 <= n <= len(self._passages), final=final)

    def _check(self, spans: Sequence[tuple[int, int]]) -> None:
        position = 0
        for start, end in spans:
            self._done += self._tail[position:start]
            for part in _parts(self._tail[start:end]):
                self._check_part(part)
            position = end
        self._tail = self._tail[position:]

    def _check_part(self, part: str) -> None:
        bare = _bare(part)
        numbers_cited = cited(part)
        status: StatementStatus = "neutral"
        supports: dict[int, Support] = {}
        layout = not numbers_cited and is_layout(part)
        if not (says_nothing(bare) or (layout and not quantities(bare))):
            found = self._supports(bare) if self._passages else {}
            supports = {n: found[n] for n in numbers_cited if n in found}
            status = "verified" if supports else "moved" if found else "unverified"
            if status == "moved":
                best = max(found, key=lambda n: found[n].score)
                supports = {best: found[best]}
        place = layout_end(part)
        if status == "moved" and place is None:  # a heading takes no marker
            status, supports = "neutral", {}
        text = _with_markers(part, () if status == "moved" else tuple(supports))
        if status == "moved":
            text = _with_marker_at_end(text, next(iter(supports)))
        shift = len(text) - len(text.lstrip(_LEADING))
        start = len(self._done) + shift
        numbers = () if status == "neutral" else self._unsupported_numbers(text, len(self._done))
        self._done += text
        self._statements.append(Statement(start, len(self._done), status, tuple(supports), numbers))
        self._citations |= {self._citation(n, found) for n, found in supports.items()}

    def _supports(self, statement: str) -> dict[int, Support]:
        """The passages, by number, that support a statement."""
        vector = self._encode([statement])[0]
        found = (support(statement, self._language, vector, source) for source in self._prepared())
        return {n: result for n, result in enumerate(found, start=1) if result.supported}

    def _unsupported_numbers(self, text: str, offset: int) -> tuple[tuple[int, int], ...]:
        # Markers and a list's own numbers are none of the answer's; blanks keep the places.
        plain = without_attribution(without_markers(text))
        plain = _LIST_NUMBER.sub(lambda m: " " * len(m.group()), plain, count=1)
        return tuple(
            (offset + q.start, offset + q.end)
            for q in quantities(plain)
            if not any(stands_in(q, source) for source in self._prepared())
        )

    def _prepared(self) -> list[SourceText]:
        if self._sources is None:
            self._sources = prepare([found.passage.text for found in self._passages], self._encode)
        return self._sources

    def _citation(self, n: int, found: Support) -> Citation:
        return citation_at(n, self._passages[n - 1], found.start, found.end, verified=True)


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


def supported_share(statements: Sequence[Statement]) -> float:
    """The share of the statements that passages support, in [0, 1]; neutral ones do not count."""
    factual = [s for s in statements if s.status != "neutral"]
    return sum(s.status != "unverified" for s in factual) / len(factual) if factual else 0.0


def _parts(sentence: str) -> list[str]:
    """A sentence cut after its markers, where what lies between them is long enough to be a statement."""
    cuts = [0]
    for group in MARKER_GROUP.finditer(sentence):
        rest = _STOP.sub("", MARKER.sub("", sentence[group.end() :]))
        if len(sentence[cuts[-1] : group.start()].split()) >= _SHORTEST_PART and len(rest.split()) >= _SHORTEST_PART:
            cuts.append(group.end())
    return [sentence[start:end] for start, end in zip(cuts, [*cuts[1:], len(sentence)], strict=True)]


def _bare(part: str) -> str:
    """What a part of a sentence states: no markers, no number of a list, nothing on where it stands."""
    stated = _LIST_NUMBER.sub("", without_attribution(only(part, lambda _: False)), count=1)
    return stated.strip(_LEADING + "\n")


def _with_markers(part: str, kept: Sequence[int]) -> str:
    """`part` with the first marker of each of `kept`, and no other."""
    left = list(kept)

    def first(n: int) -> bool:
        if n not in left:
            return False
        left.remove(n)
        return True

    return only(part, first)


def _with_marker_at_end(part: str, n: int) -> str:
    """`part` with marker [n] before its full stop, in a table row before its last bar."""
    end = layout_end(part)
    end = len(part) if end is None else end
    stop = _STOP.search(part, 0, end)
    place = stop.start() if stop else end
    return f"{part[:place]} [{n}]{part[place:]}"
