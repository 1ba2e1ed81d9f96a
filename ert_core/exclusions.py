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
    r"|but not)(?!\w)"
)
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
        words = content_words(folded[mark.end() : stop.start() if stop else len(folded)])
        if words:
            found.append(Exclusion(tuple(words), not denies(folded[: mark.start()])))
    return found


def speaks_of(words: frozenset[str], exclusion: Exclusion) -> bool:
    """Whether a clause with these words speaks of what is excepted."""
    return sum(held(w, words) for w in exclusion.words) >= _SPOKEN_OF * len(exclusion.words)
