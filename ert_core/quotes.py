"""Answers made of verbatim sentences of the documents: no language model.

The sentences were scored with their passages (`retrieval`); at most three are quoted, best first, none
that repeats another. A sentence that begins by pointing back ("Elle…", "However…") is quoted with the
one before it, so that a reader knows what it speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ert_core.citations import citation_at
from ert_core.languages import fold, is_any_stop_word, stems_of, words
from ert_core.sentences import is_heading
from ert_core.types import Citation, ScoredPassage, ScoredSentence

MAX_QUOTES = 3
MAX_QUOTE_CHARACTERS = 600
# Of a sentence that is too long, so much is quoted before the words of the question.
CONTEXT_CHARACTERS = 150
# What the score of its passage adds to that of a sentence.
PASSAGE_WEIGHT = 3.8
# A further sentence must come this close to the first one, their passages aside.
FURTHER_SHARE = 0.5
# Two sentences that share this much of their words say the same thing.
SAME_SHARE = 0.8
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"\s")
_NUMBER = re.compile(r"\d{1,2}[.)] ")
_NUMBERED_LINE = re.compile(r"\d{1,2}[.)] [A-ZÀ-ÖØ-Þ][^|:\n]{0,76}[^\s.;!?…|:]")
_CLOSING = " \u00a0\n\t\"'”’»)]*_"
_REPORTED = re.compile(r"\w[^\w?]*[«“\"„][^»”\"]*\?\s*[»”\"]\W*$")
_POINTS_BACK = re.compile(
    r"(?:il|elle|ils|elles|ce|c'|cela|ceci|celui|celle|ceux|celles|cet|cette|ces|y|on|son|sa|ses|leur|leurs|le meme"
    r"|la meme|de plus|en effet|ainsi|cependant|toutefois|mais|or|donc|par consequent|alors|puis|ensuite"
    r"|he|she|it|they|this|that|these|those|his|her|its|their|such|however|therefore|thus|moreover|but|then|also"
    r"|in addition)\b"
)


def choose_quotes(question: str, passages: Sequence[ScoredPassage]) -> list[Citation]:
    """At most three sentences of the passages found for a question, best first, each with its exact place."""
    asked = frozenset().union(*(stems_of(w) for w in words(question) if not is_any_stop_word(w)))
    candidates = [(_worth(found, sentence), found, sentence) for found in passages for sentence in _quotable(found)]
    best_first = sorted(candidates, key=lambda candidate: -candidate[0])
    chosen: list[tuple[ScoredPassage, int, int]] = []
    for _, found, sentence in best_first:
        if len(chosen) == MAX_QUOTES:
            break
        if sentence.score < FURTHER_SHARE * best_first[0][2].score:
            continue
        if not any(_repeats(found, sentence, *other) for other in chosen):
            start = _start_with_context(found, sentence)
            chosen.append((found, *_readable(found.passage.text, start, sentence.end, asked)))
    return [citation_at(n, *quote, verified=False) for n, quote in enumerate(chosen, start=1)]


def _quotable(found: ScoredPassage) -> Iterator[ScoredSentence]:
    """The sentences worth quoting: headings and questions only when there is nothing else.

    A question answers nothing, but what follows it does: that sentence is worth as much as the question.
    """
    text = found.passage.text
    parts = _texts(found)
    sentences = [s for i, s in enumerate(found.sentences) if not _is_heading(parts, i)]
    stated: list[ScoredSentence] = []
    asked = 0.0
    for sentence in sentences:
        if _asks(text[sentence.start : sentence.end]):
            asked = max(asked, sentence.score)
        else:
            stated.append(replace(sentence, score=max(sentence.score, asked)))
            asked = 0.0
    yield from stated or sentences or found.sentences


def _start_with_context(found: ScoredPassage, sentence: ScoredSentence) -> int:
    """Where the quote begins: at the sentence before, when this one points back to it."""
    text = found.passage.text
    if not _POINTS_BACK.match(fold(text[sentence.start : sentence.start + 40]).lstrip("«\"“'([ ")):
        return sentence.start
    before = [s for s in found.sentences if s.end <= sentence.start]
    if not before or _is_heading(_texts(found), len(before) - 1):
        return sentence.start
    return before[-1].start if sentence.end - before[-1].start <= MAX_QUOTE_CHARACTERS else sentence.start


def _asks(sentence: str) -> bool:
    """Whether a sentence is a question, not a statement that reports one."""
    return sentence.rstrip(_CLOSING).endswith("?") and not _REPORTED.search(sentence)


def _texts(found: ScoredPassage) -> list[str]:
    return [found.passage.text[s.start : s.end] for s in found.sentences]


def _is_heading(sentences: list[str], i: int) -> bool:
    """Whether a sentence of a passage is a heading: a lone numbered line is no item of a list."""
    if is_heading(sentences[i]):
        return True
    beside = sentences[max(0, i - 1) : i] + sentences[i + 1 : i + 2]
    return _NUMBERED_LINE.fullmatch(sentences[i]) is not None and not any(_NUMBER.match(other) for other in beside)


def _readable(text: str, start: int, end: int, asked: frozenset[str]) -> tuple[int, int]:
    """A sentence, or as much of one that is too long to read as holds the most words of the question."""
    if end - start <= MAX_QUOTE_CHARACTERS:
        return start, end
    found = [(m.start(), stems_of(fold(m[0])) & asked) for m in _WORD.finditer(text, start, end)]
    places = [(place, stems) for place, stems in found if stems]
    if places:
        reach = MAX_QUOTE_CHARACTERS - 2 * CONTEXT_CHARACTERS

        def held(first: int) -> int:
            return len(frozenset().union(*(stems for place, stems in places if 0 <= place - first <= reach)))

        best = max((place for place, _ in places), key=lambda place: (held(place), -place))
        if best - start > reach:
            before = max(start, best - CONTEXT_CHARACTERS)
            gap = _GAP.search(text, before, best)
            start = gap.end() if gap else before
    if end - start <= MAX_QUOTE_CHARACTERS:
        return start, end
    gaps = [m.start() for m in _GAP.finditer(text, start, start + MAX_QUOTE_CHARACTERS)]
    return start, gaps[-1] if gaps and gaps[-1] > start else start + MAX_QUOTE_CHARACTERS


def _worth(found: ScoredPassage, sentence: ScoredSentence) -> float:
    return sentence.score + PASSAGE_WEIGHT * found.score


def _repeats(found: ScoredPassage, sentence: ScoredSentence, other: ScoredPassage, start: int, end: int) -> bool:
    """Whether a sentence is part of a quote, or says the same as it does."""
    if found.passage.id == other.passage.id and sentence.start < end and start < sentence.end:
        return True
    a = set(words(found.passage.text[sentence.start : sentence.end]))
    b = set(words(other.passage.text[start:end]))
    return bool(a and b) and len(a & b) >= SAME_SHARE * min(len(a), len(b))
