"""Does a passage support a statement? Numbers, names, negation, words and meaning must all agree.

Numbers and names must stand in the passage, in a sentence that speaks of the same thing; what the
passage denies must not be said, nor the reverse; then the share of the statement's words that the
passage holds and the cosine to its nearest sentences must be high enough together. When the two are
in different languages, words in common only help: numbers, names and the embedding decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ert_core.verification.agreement import another_name_fits, names_agree, numbers_agree, takes_the_place_of_a_name
from ert_core.verification.contradiction import both_deny, contradicts
from ert_core.verification.dates import WEEKDAY_UNIT, speaks_of_any_day
from ert_core.verification.quantities import Quantity
from ert_core.verification.source_text import Reading, SourceText, read
from ert_core.verification.word_match import held, without_numbers

if TYPE_CHECKING:
    import numpy as np

# Tuned on the "tune" half of tests/data/statements.jsonl (benchmarks/citation_check.py).
WORDS_WEIGHT = 0.38
SUPPORT_FLOOR = 0.735
# A word of the sentence that the nearest one points back to counts for so much: not all of it is meant.
POINTED_TO = 0.5
# Each number, at most two, found where the source speaks of the same thing adds this.
NUMBER_BONUS = 0.08
# So does a denial where the source denies as well: what is made up is seldom that.
DENIAL_BONUS = 0.12
# The sentences that hold this much of what the nearest one holds are near as well.
NEAREST_SHARE = 0.9
# A sentence that holds every word and number of the statement supports it from this cosine on.
ALL_WORDS_FLOOR = 0.4
# Across languages words in common (numbers, names, cognates) add to the cosine, and their absence proves nothing.
OTHER_LANGUAGE_WORDS = 0.2
OTHER_LANGUAGE_FLOOR = 0.63
# "dearer than", "plus rapide que": nothing of the kind can rest on a passage that compares nothing. A measured
# difference ("22 % more than", its number written 0) is left to the check of numbers.
_COMPARES = re.compile(
    r"(?<!0\s)\b(?:(?:plus|moins|aussi)\s[^\W\d]+\s(?:que\b|qu['’])|(?:more|less)\s(?:\w+\s)?than\s(?!\d)"
    r"|(?!(?:other|rather|later|earlier|whether)\s)\w+er\sthan\s(?!\d)|(?:more|less)\soften\b)",
    re.IGNORECASE,
)
_ANY_COMPARISON = re.compile(
    r"\b(?:plus|(?<!au\s)moins|aussi|davantage|autant|more|less|than|twice|fois|mieux|meilleure?s?|pire|hausse|baisse|up|down"
    r"|rose|fell|above|below|over|under|exceed\w*|dépass\w+|dessus|dessous|sup[ée]rieure?s?|inf[ée]rieure?s?"
    r"|as\s\w+\sas|\w{2,}er\sthan|\w+est)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Support:
    """How far a passage supports a statement. `start` and `end` are its nearest sentence in the passage.

    `score` is in [0, 1]; `reason` is what stands against it: "number", "name", "negation", "comparison", "meaning".
    """

    supported: bool
    score: float
    reason: str
    start: int
    end: int


def support(statement: str, language: str, vector: np.ndarray, source: SourceText) -> Support:
    """Whether `source` supports `statement`, whose unit vector is `vector`."""
    other = source.language != language and {source.language, language} <= {"fr", "en"}
    cosines = source.vectors @ vector
    meaning = max(0.0, float(cosines.max()))
    said = read(statement)
    shares = _shares(said, source)
    near = [
        max(float(c) for c, owner in zip(cosines, source.owners, strict=True) if owner == i) for i in range(len(shares))
    ]
    best = max(range(len(shares)), key=lambda i: near[i] + (0.0 if other else shares[i]))
    if other:
        score = min(1.0, meaning + OTHER_LANGUAGE_WORDS * max(shares))
    else:
        score = WORDS_WEIGHT * max(shares) + (1 - WORDS_WEIGHT) * meaning
        # Days of the week are words already.
        score += NUMBER_BONUS * min(2, sum(q.unit != WEEKDAY_UNIT for q in said.quantities))
        nearest = [x for x, n in zip(source.sentences, shares, strict=True) if n >= NEAREST_SHARE * max(shares)]
        score = min(1.0, score + DENIAL_BONUS * both_deny(said, nearest))
        if max(shares) == 1.0 and meaning >= ALL_WORDS_FLOOR:
            score = max(score, SUPPORT_FLOOR)
    start, end = source.spans[best]
    reason = ""
    if not numbers_agree(said, source, other):
        reason = "number"
    elif (
        not names_agree(said, source, best, other)
        or takes_the_place_of_a_name(said, source)
        or (not other and another_name_fits(said, source))
    ):
        reason = "name"
    elif contradicts(said, source, other, best, near):
        reason = "negation"
    elif (
        not other
        and _COMPARES.search(without_numbers(statement, said.quantities))
        and not _ANY_COMPARISON.search(source.text[start:end])
    ):
        reason = "comparison"
    elif score < (OTHER_LANGUAGE_FLOOR if other else SUPPORT_FLOOR):
        reason = "meaning"
    return Support(not reason, score, reason, start, end)


def stands_in(quantity: Quantity, source: SourceText) -> bool:
    """Whether a number stands anywhere in a passage, with a unit that does not contradict it."""
    if quantity.unit == WEEKDAY_UNIT and speaks_of_any_day(source.text):
        return True
    return any(quantity.agrees_with(q) for sentence in source.sentences for q in sentence.quantities)


def _shares(statement: Reading, source: SourceText) -> list[float]:
    """For each sentence of the source, the share of the statement's words and numbers that it holds."""
    said = [q for q in statement.quantities if q.unit != WEEKDAY_UNIT]  # those are words already
    total = max(1, len(statement.words) + len(said))
    shares = []
    for sentence, in_context in zip(source.sentences, source.words, strict=True):
        own = sum(held(w, sentence.words) for w in statement.words)
        pointed_to = sum(held(w, in_context) for w in statement.words) - own
        numbers = sum(any(q.agrees_with(o) for o in sentence.quantities) for q in said)
        shares.append((own + POINTED_TO * pointed_to + numbers) / total)
    return shares
