"""Proper names, acronyms and identifiers of a text: "Saint-Évariste", "GeoPackage", "BH-14", "F3". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ert_core.languages import fold
from ert_core.verification.word_match import is_function_word

_WORD = re.compile(r"[^\W_]+(?:[-–][^\W_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:»\n]\s*|[-*•]\s+)[\s\"'“‘«(\[]*$")
_ELIDED = re.compile(r"(?:^|\W)(?:[cdjlmnst]|qu)['’]$", re.IGNORECASE)
_IDENTIFIER = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[^\W_]+(?:[-–][^\W_]+)*$")
_ORDINAL_OR_UNIT = re.compile(r"\d+(?:er|re|e|ere|eme|st|nd|rd|th|h|m|s|km|cm|mm|kg|g|mg|l|ml|w|kw|mw|v|a|k)?\d*$")
_TITLE = re.compile(r"\b(?:MM?|Mr|Mrs|Ms|Dr|Mmes?|Mlle|Pr|Prof|St|Ste)\.?\s*$")
# A capital that starts a French sentence is a name when a verb comes next: a common noun has its article there.
_VERBS = frozenset(
    """est fut etait sont furent etaient a ont avait avaient sera seront peut peuvent doit doivent fit""".split()
)
_NOT_NAMES = frozenset(
    """m mm mr mrs ms dr mme mmes mlle pr prof i st ste monday tuesday wednesday thursday friday saturday sunday
    mondays tuesdays wednesdays thursdays fridays saturdays sundays january february march april may june july
    august september october november december jan feb mar apr jun jul aug sep sept oct nov dec am pm n no""".split()
)
_PRONOUNS = frozenset(
    "he she it they we you this that these those there il elle on ils elles nous vous ce c cela".split()
)


@dataclass(frozen=True)
class Name:
    """A name at characters start to end; `parts` are its folded words."""

    parts: tuple[str, ...]
    start: int
    end: int


def names(text: str) -> list[Name]:
    """The names of `text`, one word each (a hyphenated word is one), in order."""
    return [_name(match) for match in _WORD.finditer(text) if _is_name(text, match)]


def _name(match: re.Match[str]) -> Name:
    word = fold(match.group())
    parts = (word,) if _IDENTIFIER.match(word) else tuple(re.split("[-–]", word))
    return Name(parts, match.start(), match.end())


def _is_name(text: str, match: re.Match[str]) -> bool:
    word, folded = match.group(), fold(match.group())
    if folded in _NOT_NAMES:
        return False
    if _IDENTIFIER.match(word):
        return not _ORDINAL_OR_UNIT.match(folded) and any(c.isupper() for c in word)
    capitals = sum(c.isupper() for c in word)
    if not capitals:
        return False
    if capitals > 1 and len(word) > 1 and not _all_capitals(text):
        return True
    if not word[0].isupper():
        return False
    before = text[max(0, match.start() - 12) : match.start()]
    if _ELIDED.search(before):
        return True
    if len(word) == 1 and (len(text) == match.end() or not text[match.end()].isalnum()) and before[-2:-1].isdigit():
        return False  # a unit: 240 V
    if _TITLE.search(before) or not _SENTENCE_START.search(before):
        return not is_function_word(folded)
    return _starts_as_a_name(text, match, folded)


def _starts_as_a_name(text: str, match: re.Match[str], folded: str) -> bool:
    first = re.split("[-–]", folded)[0]  # "celui-ci" is no name
    if first in _PRONOUNS or is_function_word(first):
        return False
    following = _WORD.search(text, match.end())
    if following is None or text[match.end() : following.start()].strip(" \u00a0"):
        return False
    word = following.group()
    return fold(word) in _VERBS or (word[0].isupper() and not word.isupper())


def _all_capitals(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return sum(c.isupper() for c in letters) > 0.7 * len(letters)
