"""The content words of a text, and which of them say the same: stems, families, synonyms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ert_core.anaphora import unglued
from ert_core.languages import fold, is_stop_word, stem
from ert_core.quantities import Quantity, quantities
from ert_core.synonyms import meanings

# Words that say nothing of their own in an answer.
_LIGHT = frozenset(
    """faut fallait environ lieu soit selon possible rapport around roughly approximately nearly almost presque
    principalement surtout mainly chiefly m mr mrs ms mme dr""".split()
)
# Prepositions and conjunctions of several words: none of their words says anything.
_LINKS = re.compile(
    r"\b(?:(?:[àa] raison|en raison|[àa] cause|au cours|au sein|[àa] partir|[àa] compter|en cas|dans le cadre|au moyen"
    r"|[àa] l['’]aide|[àa] hauteur|[àa] l['’]exception|au titre|(?:d['’]une|pour une) dur[ée]e|[àa] la suite|en vue"
    r"|[àa] l['’]issue|en fonction|au lieu) d(?:e|es|u)?|gr[âa]ce (?:[àa]|aux?)|en tant qu(?:e|['’])|au total|y compris"
    r"|c['’]est[- ][àa][- ]dire|as well as|in order to|because of|as part of|in terms of|with regard to|in addition to"
    r"|a total of|by means of|as a result of|on behalf of|in case of|in the event of|with the exception of|apart from"
    r"|for example|for a period of|along with|thanks to|owing to|due to)(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_SAME_STEM_LETTERS, _SAME_STEM_SHARE = 4, 0.6


def content_words(text: str) -> list[str]:
    """The folded words of `text` but function words and numbers with their units, in order, once each."""
    return list(dict.fromkeys(word for word, _ in placed_words(text, quantities(text))))


def placed_words(text: str, numbers: Sequence[Quantity]) -> list[tuple[str, int]]:
    """Each content word of `text`, folded, with its place; `numbers` are the quantities of `text`."""
    plain = unglued(_LINKS.sub(lambda m: " " * len(m.group()), without_numbers(text, numbers)))
    found = ((fold(match.group()), match.start()) for match in _WORD.finditer(plain))
    return [(word, place) for word, place in found if word not in _LIGHT and not _is_function_word(word)]


def without_numbers(text: str, numbers: Sequence[Quantity]) -> str:
    """`text` with zeros in the place of each number and its unit."""
    for number in numbers:
        text = text[: number.start] + "0" * (number.end - number.start) + text[number.end :]
    return text


@lru_cache(maxsize=100_000)
def same_word(one: str, other: str) -> bool:
    """Whether two folded words share a stem, or a beginning long enough to be of one family."""
    if one == other or any(stem(one, code) == stem(other, code) for code in ("fr", "en")):
        return True
    if meanings(one) & meanings(other):
        return True
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _SAME_STEM_LETTERS and shared >= _SAME_STEM_SHARE * max(len(one), len(other))


def held(word: str, sentence: Iterable[str]) -> bool:
    """Whether one of some folded words is the same as `word`."""
    return any(same_word(word, other) for other in sentence)


@lru_cache(maxsize=100_000)
def _is_function_word(word: str) -> bool:
    return any(is_stop_word(word, code) for code in ("fr", "en"))
