"""The content words of a text, and which of them say the same: stems, families, synonyms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ert_core.anaphora import unglued
from ert_core.languages import fold, is_any_stop_word, stem
from ert_core.verification.dates import WEEKDAY_UNIT
from ert_core.verification.quantities import Quantity, quantities
from ert_core.verification.synonyms import meanings

# Words that say nothing of their own in an answer: those of grammar that are no stop words of a search.
_LIGHT = frozenset(
    """faut fallait fallu environ lieu possible rapport around roughly nearly almost presque m mr mrs ms mme dr
    approximately principalement surtout mainly chiefly
    without within cannot every yet still already along among across however although though since unless whether
    via toward towards besides except instead otherwise lot many few several ought onto beyond till ago thus hence
    anyone someone nobody nothing everything everyone everybody somebody one ones even rather quite away together apart
    let never always often sometimes soon later longer themselves himself herself yourself ourselves unlike throughout
    rien jamais personne non oui deja toujours auxquels auxquelles desquelles ensuite malgre outre hormis sauf lorsqu
    puisque quoique moins plutot autant tant chacun chacune nul nulle tellement enfin abord voire notamment egalement
    serait soient aurait auraient pourrait devrait pouvait devait faisait faites grace tard tot ici ailleurs partout
    souvent parfois longtemps bientot soi quiconque travers jusqu puisse puissent veulent auront eue eues pourront
    devra devront pourra fera quelconque""".split()
)
# Prepositions and conjunctions of several words: none of their words says anything.
_LINKS = re.compile(
    r"\b(?:(?:[àa] raison|en raison|[àa] cause|au cours|au sein|[àa] partir|[àa] compter|en cas|dans le cadre|au moyen"
    r"|[àa] l['’]aide|[àa] hauteur|[àa] l['’]exception|au titre|(?:d['’]une|pour une) dur[ée]e|[àa] la suite|en vue"
    r"|[àa] l['’]issue|en fonction|au lieu) d(?:e|es|u)?|gr[âa]ce (?:[àa]|aux?)|en tant qu(?:e|['’])|y compris"
    r"|au (?:total|minimum|maximum)|c['’]est[- ][àa][- ]dire|as well as|in order to|because of|as part of|in terms of"
    r"|with regard to|in addition to|a total of|by means of|as a result of|on behalf of|in case of|in the event of"
    r"|with the exception of|apart from|for example|for a period of|along with|thanks to|owing to|due to)(?!\w)",
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
    return [(word, place) for word, place in found if not is_function_word(word)]


@lru_cache(maxsize=100_000)
def is_function_word(word: str) -> bool:
    """Whether a folded word says nothing of its own in a sentence."""
    return word in _LIGHT or is_any_stop_word(word)


def without_numbers(text: str, numbers: Sequence[Quantity]) -> str:
    """`text` with zeros in the place of each number and its unit; days of the week are words as well, and stay."""
    for number in numbers:
        if number.unit == WEEKDAY_UNIT:
            continue
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
