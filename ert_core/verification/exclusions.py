"""What a sentence makes an exception of, in French and in English: "every day except Tuesday". Pure.

The exception is denied what the sentence says, or is said what it denies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ert_core.languages import fold
from ert_core.verification.polarity import denies
from ert_core.verification.word_match import content_words, held

# A clause that holds so much of an exception speaks of it.
_SPOKEN_OF = 0.6
_MARK = re.compile(
    r"\b(?:sauf|excepte|hormis|a part|a l'(?:exception|exclusion) d\w*|en dehors d\w*|au lieu d\w*|plutot qu\w*|exclut"
    r"|excluent|mais pas|non compris|except(?:ing)?(?: for)?|with the exception of|apart from|other than|instead of"
    r"|rather than|excludes?|excluding|but not"
    r"|, (?:not|never|pas|jamais)(?= (?:at|by|during|for|in|on|to|au|aux|dans|en|le|la|les|par|pour|sur)\b)"
    r")(?!\w)"
)
# "Les apprentis en sont exclus": what stands before is the exception.
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|est|sont|etait|etaient|etre) (?:en )?(?:exclu\w*|exempt\w*|dispense\w* d)"
)
# "The box is supplied, the cable is not": what stands before is the exception as well.
_ELLIPSIS = re.compile(
    r"(?:\bne l'(?:est|a|sont|ont) pas|\bne le (?:sont|font|peu\w+) pas|\bn'en (?:a|ont) pas|(?<!\bou )\bnon(?: plus)?"
    r"|\b(?:is|are|was|were|do|does|did|has|have|can|could|will|would|may|must) not|n't|\bcannot)(?=\s*(?:[.;,]|$))"
)
_ITEM = re.compile(r" (?:et|and|ou|or|ni|nor) ")
_SUBJECT = re.compile(r"[.;:,)]|\b(?:and|but|et|mais)\b")
_END = re.compile(r"[.;:,)]")


@dataclass(frozen=True)
class Exclusion:
    """The content words of an exception; `denied` where the rest of its sentence is said."""

    words: tuple[str, ...]
    denied: bool


def exclusions(sentence: str) -> list[Exclusion]:
    """The exceptions of one sentence."""
    folded = fold(sentence).replace("’", "'")
    found = []
    for mark in _MARK.finditer(folded):
        stop = _END.search(folded, mark.end())
        excepted = folded[mark.end() : stop.start() if stop else len(folded)]
        denied = not denies(folded[: mark.start()])
        found += [Exclusion(words, denied) for item in _ITEM.split(excepted) if (words := tuple(content_words(item)))]
    if passive := _PASSIVE.search(folded):
        start, subject = _subject(folded, passive.start())
        found += [Exclusion(subject, not denies(folded[start : passive.start()]))] if subject else []
    if ellipsis := _ELLIPSIS.search(folded):
        start, subject = _subject(folded, ellipsis.start())
        found += [Exclusion(subject, not denies(folded[:start]))] if subject and start else []
    return found


def _subject(folded: str, end: int) -> tuple[int, tuple[str, ...]]:
    """Where the last clause before a place begins, and its content words."""
    start = max((m.end() for m in _SUBJECT.finditer(folded, 0, end)), default=0)
    return start, tuple(content_words(folded[start:end]))


def speaks_of(words: frozenset[str], exclusion: Exclusion) -> bool:
    """Whether a clause with these words speaks of what is excepted."""
    return sum(held(w, words) for w in exclusion.words) >= _SPOKEN_OF * len(exclusion.words)
