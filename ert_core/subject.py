"""What a conversation is about, followed from question to question: names, what they were about, what was asked.

Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ert_core.anaphora import CODE, CONTINUES, TOKEN, Word, content_words, unglued
from ert_core.languages import fold, stem

# How many words a follow-up takes along at most.
MAX_CARRIED = 12

_LINKS = frozenset("de du des la le les of the".split())
_ASKED = {
    "fr": re.compile(
        r"\bquel(?:le)?s? (?:est|sont|etait|etaient|fut|furent|sera|seront|a ete|ont ete) (?P<copula>.+)"
        r"|\b(?:quel(?:le)?s?|combien d[e'’]) ?(?P<noun>\w+)"
    ),
    "en": re.compile(
        r"\b(?:what|which) (?:is|are|was|were|will be) (?P<copula>.+)"
        r"|\b(?:what|which|how many|how much|how) "
        r"(?P<noun>(?!is|are|was|were|do|does|did|can|should|must|has|have|about)\w+)"
    ),
}
_COMPLEMENT = {
    "fr": re.compile(
        r"(?<!\w)(?:de|du|des|dans|pour|selon|sur|chez|a|au|aux|entre|avec|par|que|qui)\b|\bd['’]|\bqu['’]"
    ),
    "en": re.compile(r"\b(?:of|for|in|at|on|to|from|with|by|between|that|which|who|under|during)\b"),
}
_OF = frozenset("of the de du des la le les".split())
_POSSESSIVE = re.compile(r"\b(?:son|sa|ses|leurs?|its|his|her|their)\b")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d$")

Names = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Subject:
    """Folded words: `names` in groups ("moulin brule"), what else the question is `about`, what was `asked`.

    `latest` are the words of follow-ups that asked the same of something else ("et les nitrates ?").
    """

    names: Names = ()
    about: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()


def subject_of(question: str, language: str) -> Subject:
    """The subject of a question that stands by itself."""
    found = content_words(question, language)
    names = _name_groups(question, found)
    asked, linked = _asked_words(question, language), _linked_to_names(question, found)
    plain = tuple(w.folded for w in found if not w.name)
    about = tuple(w for w in plain if w in linked or (not names and w not in asked))
    return Subject(names, about, tuple(w for w in plain if w not in about))


def followed(subject: Subject, question: str, language: str) -> Subject:
    """The subject after a question that leans on it: its names replace names, what it asks replaces what was asked."""
    found = content_words(question, language)
    own = tuple(w.folded for w in found if not w.name)
    new = _name_groups(question, found)
    names = (*_kept_names(subject.names, new), *new)
    if _asks_the_same(question, own):
        return Subject(names, subject.about, subject.asked, own or subject.latest)
    return Subject(names, subject.about, own or subject.asked)


def carried_words(subject: Subject, question: str, language: str) -> tuple[str, ...]:
    """The words of the subject that a follow-up is searched with, the most important first."""
    found = content_words(question, language)
    own = tuple(w.folded for w in found if not w.name)
    words = [w for group in _kept_names(subject.names, _name_groups(question, found)) for w in group]
    words += subject.about
    if _asks_the_same(question, own) or not words:
        words += [*subject.asked, *subject.latest]
    said = {stem(w.folded, language) for w in found}
    dated = any(_YEAR.match(w.folded) for w in found)
    kept = [w for w in dict.fromkeys(words) if stem(w, language) not in said and not (dated and _YEAR.match(w))]
    return tuple(kept[:MAX_CARRIED])


def _asks_the_same(question: str, own: Sequence[str]) -> bool:
    """Whether a follow-up asks the same of something else ("et en 2019 ?") rather than something else of the same."""
    plain = fold(question).strip()
    return not own or bool(CONTINUES.search(plain) and not _POSSESSIVE.search(plain))


def _kept_names(old: Names, new: Names) -> Names:
    """The groups of names that stay when `new` ones come: a code takes the place of a code, else of the last group."""
    known = {w for group in new for w in group}
    kept = [group for group in old if not known & set(group)]
    if new and kept:
        is_code = _has_code(new[0])
        places = [i for i, group in enumerate(kept) if _has_code(group) == is_code]
        del kept[places[-1] if places else -1]
    return tuple(kept)


def _has_code(group: Sequence[str]) -> bool:
    return any(CODE.match(w) for w in group)


def _asked_words(question: str, language: str) -> set[str]:
    """The folded words that name what is asked: "débit" in "Quel est le débit du forage ?"."""
    rules = language if language in _ASKED else "en"
    match = _ASKED[rules].search(fold(question))
    if match is None:
        return set()
    if match["noun"]:
        return {match["noun"]}
    head, *complement = _COMPLEMENT[rules].split(match["copula"], maxsplit=1)
    return set(TOKEN.findall(head)) if complement else set()


def _name_groups(question: str, found: Sequence[Word]) -> Names:
    """Names that follow each other, or are joined by "of the", make one group."""
    names = {w.folded for w in found if w.name}
    groups: list[list[str]] = []
    joined = False
    for token in _in_order(question):
        if token in names:
            groups = groups if joined else [*groups, []]
            groups[-1].append(token)
            joined = True
        else:
            joined = joined and token in _OF
    return tuple(dict.fromkeys(tuple(group) for group in groups))


def _linked_to_names(question: str, found: Sequence[Word]) -> set[str]:
    """The words that lead to a name through nothing but "of": "forage" in "le forage des Aulnes"."""
    is_name = {w.folded: w.name for w in found}
    linked: set[str] = set()
    reached = False
    for token in reversed(_in_order(question)):
        if token in is_name:
            if reached and not is_name[token]:
                linked.add(token)
            reached = is_name[token]
        else:
            reached = reached and token in _LINKS
    return linked


def _in_order(question: str) -> list[str]:
    return [fold(token) for token in TOKEN.findall(unglued(question))]
