"""What a sentence makes an exception of, in French and in English: "every day except Tuesday". Pure.

The exception is denied what the sentence says, or is said what it denies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ert_core.languages import fold
from ert_core.polarity import denies
from ert_core.word_match import content_words, held

# A clause that holds so much of an exception speaks of it.
_SPOKEN_OF = 0.6
_MARK = re.compile(
    r"\b(?:sauf|excepte|hormis|a part|a l'(?:exception|exclusion) d\w*|en dehors d\w*|exclut|excluent|mais pas"
    r"|non compris|except(?:ing)?(?: for)?|with the exception of|apart from|other than|excludes?|excluding"
    r"|but not|, (?:not|never|pas|jamais)(?= (?:at|by|during|for|in|on|to|au|aux|dans|en|le|la|les|par|pour|sur)\b)"
    r")(?!\w)"
)
# "Les apprentis en sont exclus": what stands before is the exception.
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|est|sont|etait|etaient|etre) (?:en )?(?:exclu\w*|exempt\w*|dispense\w*)"
)
_ITEM = re.compile(r" (?:et|and|ou|or|ni|nor) ")
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
        start = max((m.end() for m in _END.finditer(folded, 0, passive.start())), default=0)
        if words := tuple(content_words(folded[start : passive.start()])):
            found.append(Exclusion(words, not denies(folded[start : passive.start()])))
    return found


def speaks_of(words: frozenset[str], exclusion: Exclusion) -> bool:
    """Whether a clause with these words speaks of what is excepted."""
    return sum(held(w, words) for w in exclusion.words) >= _SPOKEN_OF * len(exclusion.words)
