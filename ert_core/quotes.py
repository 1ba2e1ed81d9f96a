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
from ert_core.languages import fold, words
from ert_core.sentences import is_heading
from ert_core.types import Citation, ScoredPassage, ScoredSentence

MAX_QUOTES = 3
MAX_QUOTE_CHARACTERS = 600
# What the score of its passage adds to that of a sentence.
PASSAGE_WEIGHT = 3.8
# A further sentence must come this close to the first one, their passages aside.
FURTHER_SHARE = 0.5
# Two sentences that share this much of their words say the same thing.
SAME_SHARE = 0.8
_CLOSING = " \u00a0\n\t\"'”’»)]*_"
_POINTS_BACK = re.compile(
    r"(?:il|elle|ils|elles|ce|c'|cela|ceci|celui|celle|ceux|celles|cet|cette|ces|y|on|son|sa|ses|leur|leurs|le meme"
    r"|la meme|de plus|en effet|ainsi|cependant|toutefois|mais|or|donc|par consequent|alors|puis|ensuite"
    r"|he|she|it|they|this|that|these|those|his|her|its|their|such|however|therefore|thus|moreover|but|then|also"
    r"|in addition)\b"
)


def choose_quotes(passages: Sequence[ScoredPassage]) -> list[Citation]:
    """At most three sentences of the passages found for a question, best first, each with its exact place."""
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
            chosen.append((found, start, _quote_end(found.passage.text, start, sentence.end)))
    return [citation_at(n, *quote, verified=False) for n, quote in enumerate(chosen, start=1)]


def _quotable(found: ScoredPassage) -> Iterator[ScoredSentence]:
    """The sentences worth quoting: headings and questions only when there is nothing else.

    A question answers nothing, but what follows it does: that sentence is worth as much as the question.
    """
    text = found.passage.text
    sentences = [s for s in found.sentences if not is_heading(text[s.start : s.end])]
    stated: list[ScoredSentence] = []
    asked = 0.0
    for sentence in sentences:
        if text[sentence.start : sentence.end].rstrip(_CLOSING).endswith("?"):
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
    if not before or is_heading(text[before[-1].start : before[-1].end]):
        return sentence.start
    return before[-1].start if sentence.end - before[-1].start <= MAX_QUOTE_CHARACTERS else sentence.start


def _quote_end(text: str, start: int, end: int) -> int:
    """The end of a sentence, or the last white space before it grows too long to read."""
    if end - start <= MAX_QUOTE_CHARACTERS:
        return end
    cut = max(
        text.rfind(" ", start, start + MAX_QUOTE_CHARACTERS), text.rfind("\n", start, start + MAX_QUOTE_CHARACTERS)
    )
    return cut if cut > start else start + MAX_QUOTE_CHARACTERS


def _worth(found: ScoredPassage, sentence: ScoredSentence) -> float:
    return sentence.score + PASSAGE_WEIGHT * found.score


def _repeats(found: ScoredPassage, sentence: ScoredSentence, other: ScoredPassage, start: int, end: int) -> bool:
    """Whether a sentence is part of a quote, or says the same as it does."""
    if found.passage.id == other.passage.id and sentence.start < end and start < sentence.end:
        return True
    a = set(words(found.passage.text[sentence.start : sentence.end]))
    b = set(words(other.passage.text[start:end]))
    return bool(a and b) and len(a & b) >= SAME_SHARE * min(len(a), len(b))
