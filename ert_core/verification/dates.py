"""Days, months, years, weekdays and what is numbered in order: "5 avril 2022", "Monday", "third floor". Pure.

All functions read a folded text; what they find is `Dated`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Values, unit, role, start, end.
Dated = tuple[list[float], str, str, int, int]
MONTH_UNIT = "month of the year"
WEEKDAY_UNIT = "day of the week"


def _numbered(groups: str) -> dict[str, int]:
    """Names -> numbers from 1 on, of groups of names that mean the same."""
    return {name: number for number, names in enumerate(groups.split("|"), start=1) for name in names.split()}


_ISO_DATE = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_DATE = re.compile(r"\b(?P<day>\d{1,2})([/.-])(?P<month>\d{1,2})\2(?P<year>\d{4})\b")
_WORD = re.compile(r"[^\W\d_]+")
_MONTHS = _numbered(
    """janvier january jan janv|fevrier february feb fevr|mars march mar|avril april apr avr|mai may|juin june jun
    |juillet july jul juil|aout august aug|septembre september sept sep|octobre october oct|novembre november nov
    |decembre december dec"""
)
_DAY_BEFORE = re.compile(r"\d\s?(?:er|st|nd|rd|th)?(?:\sof)?\s$")
_NUMBER_AFTER = re.compile(r"\.?,?\s\d")
_YEAR_AFTER = re.compile(r"\.?,?\s\d{4}(?!\d)")

_WEEKDAYS = _numbered(
    "lundi monday|mardi tuesday|mercredi wednesday|jeudi thursday|vendredi friday|samedi saturday|dimanche sunday"
)
_WEEKDAY = re.compile(rf"\b(?P<day>{'|'.join(_WEEKDAYS)})s?\b")
_TO = re.compile(r"\s?(?:au|a|to|through|until|jusqu'au|-|–)\s?")
_ANY_DAY = re.compile(
    r"\b(?:every\s?day|each day|daily|weekdays?|week-?ends?|all week|tous les jours|chaque jour|en semaine"
    r"|toute la semaine|quotidien\w*)\b",
    re.IGNORECASE,
)

_ORDINALS = _numbered(
    """premier premiere first|deuxieme second seconde|troisieme third|quatrieme fourth|cinquieme fifth|sixieme sixth
    |septieme seventh|huitieme eighth|neuvieme ninth|dixieme tenth|onzieme eleventh|douzieme twelfth
    |treizieme thirteenth|quatorzieme fourteenth|quinzieme fifteenth|seizieme sixteenth|dix-septieme seventeenth
    |dix-huitieme eighteenth|dix-neuvieme nineteenth|vingtieme twentieth"""
)
_NUMBERED = (
    r"(?:etages?|floors?|storeys?|niveaux?|levels?|chapitres?|chapters?|articles?|sections?|volumes?|tomes?|editions?"
    r"|siecles?|century|centuries|arrondissements?|rangs?|rounds?|etapes?|steps?|phases?|quarter|trimestre)\b"
)
_ANY_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_ORDINAL = re.compile(
    rf"\b(?:(?P<before>{_ANY_ORDINAL})(?=[\s-]{_NUMBERED})|(?<=chapitre )(?P<after>premier)\b|(?<=article )premier\b)"
)
_CENTURY = re.compile(r"\b(?P<roman>[ivx]+)(?:e|eme)(?=\s+siecle)")
_ROMAN = {"i": 1, "v": 5, "x": 10}


def dates(folded: str) -> Iterator[tuple[tuple[int, int], list[Dated]]]:
    """The dates all in digits, each with its day, its month and its year."""
    for match in [*_ISO_DATE.finditer(folded), *_DATE.finditer(folded)]:
        day, month = float(match["day"]), float(match["month"])
        either = match.re is _DATE and day <= 12  # 3/4/2022 is read both ways
        yield (
            match.span(),
            [
                ([day, month] if either else [day], "", "", *match.span("day")),
                ([month, day] if either else [month], MONTH_UNIT, "", *match.span("month")),
                ([float(match["year"])], "", "", *match.span("year")),
            ],
        )


def months(folded: str) -> Iterator[Dated]:
    """Names of months beside a number: "1er mars 2023", "March 2021", "5 April". "Sept" needs a day or a year."""
    for match in _WORD.finditer(folded):
        number = _MONTHS.get(match.group())
        if number is None:
            continue
        before = folded[max(0, match.start() - 9) : match.start()]
        after = folded[match.end() : match.end() + 8]
        # "soixante-sept 12": the number seven
        following = _YEAR_AFTER if match.group() == "sept" else _NUMBER_AFTER
        counts = match.group() == "sept" and before.endswith("-")
        if not counts and (_DAY_BEFORE.search(before) or following.match(after)):
            yield [float(number)], MONTH_UNIT, "", match.start(), match.end()


def weekdays(folded: str) -> Iterator[Dated]:
    """Days of the week; of "Monday to Friday" the first, the last, and at "to" those between, as roles tell."""
    found = list(_WEEKDAY.finditer(folded))
    for i, match in enumerate(found):
        day = _WEEKDAYS[match["day"]]
        opens = i + 1 < len(found) and _TO.fullmatch(folded, match.end(), found[i + 1].start())
        closes = i > 0 and _TO.fullmatch(folded, found[i - 1].end(), match.start())
        yield [float(day)], WEEKDAY_UNIT, "from" if opens else "to" if closes else "", match.start(), match.end()
        if opens:
            last = _WEEKDAYS[found[i + 1]["day"]]
            between = [float((day + n - 1) % 7 + 1) for n in range(1, (last - day) % 7)]
            if between:
                yield between, WEEKDAY_UNIT, "between", match.end(), found[i + 1].start()


def speaks_of_any_day(text: str) -> bool:
    """Whether a text says what holds on all days, or on days that it does not name."""
    return _ANY_DAY.search(text) is not None


def ordinals(folded: str) -> Iterator[Dated]:
    """Ordinals in words before what is numbered ("third floor", "chapitre premier"), and centuries in Roman digits."""
    for match in _ORDINAL.finditer(folded):
        yield [float(_ORDINALS[match.group()])], "", "", *match.span()
    for match in _CENTURY.finditer(folded):
        yield [_roman(match["roman"])], "", "", *match.span()


def _roman(digits: str) -> float:
    values = [_ROMAN[d] for d in digits]
    return float(sum(-v if v < max(values[i:], default=0) else v for i, v in enumerate(values)))
