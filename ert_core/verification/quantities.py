"""The numbers of a text, as people write them in French and in English: value, unit, place. Pure.

"1 500", "1,500" and "quinze cents" are one value; "12,5" and "12.5" too. "1,500" alone may be a
thousand or a decimal number: both readings are kept. A date gives its day, its month and its year.
Numbers inside identifiers ("BH-14", "F3") are names, not quantities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ert_core.languages import fold
from ert_core.verification.number_words import word_numbers

_SPACE = "[ \t\u00a0\u2009\u202f]"
_DIGITS = re.compile(
    rf"(?<![\w.,/])(?P<currency>[€£$]{_SPACE}?)?(?P<sign>(?<!\w)[-−](?=\d))?"
    rf"(?P<number>\d{{1,3}}(?:(?:{_SPACE}|['’,.])\d{{3}})+(?![\d])(?:[.,]\d+(?!\d*[.,]\d))?|\d+(?:[.,]\d+)?)"
    r"(?P<ordinal>(?:er|re|e|ère|ème|st|nd|rd|th)\b)?"
)
_AFTER_HYPHEN = re.compile(r"(?<=\d)[-–—/](?=\d)")
_ISO_DATE = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_DATE = re.compile(r"\b(?P<day>\d{1,2})([/.-])(?P<month>\d{1,2})\2(?P<year>\d{4})\b")
_CENTURY = re.compile(r"\b(?P<roman>[IVX]+)(?:e|ème)(?=\s+siècle)")
_WORD = re.compile(r"[^\W\d_]+")

_UNITS = {
    canonical: names.split()
    for canonical, names in {
        "mm": "mm millimetre millimetres millimeter millimeters",
        "cm": "cm centimetre centimetres centimeter centimeters",
        "m": "m metre metres meter meters",
        "km": "km kilometre kilometres kilometer kilometers",
        "mile": "mile miles",
        "m2": "m2",
        "m3": "m3",
        "ha": "ha hectare hectares",
        "mg": "mg milligramme milligrammes milligram milligrams",
        "g": "g gramme grammes gram grams",
        "kg": "kg kilo kilos kilogramme kilogrammes kilogram kilograms",
        "t": "t tonne tonnes ton tons",
        "ml": "ml millilitre millilitres milliliter milliliters",
        "cl": "cl centilitre centilitres centiliter centiliters",
        "l": "l litre litres liter liters",
        "s": "s seconde secondes second seconds",
        "min": "min minute minutes",
        "h": "h heure heures hour hours hr hrs",
        "day": "jour jours day days",
        "week": "semaine semaines week weeks",
        "month": "mois month months",
        "year": "an ans annee annees year years",
        "%": "% pour_cent per_cent percent pourcent",
        "€": "€ euro euros eur",
        "£": "£ livre_sterling livres_sterling pound pounds gbp",
        "$": "$ dollar dollars usd",
        "°c": "°c degre degres degree degrees",
        "v": "v volt volts",
        "a": "ampere amperes",
        "w": "w watt watts",
        "kw": "kw kilowatt kilowatts",
        "mw": "mw megawatt megawatts",
        "kwh": "kwh",
        "hz": "hz hertz",
        "ohm": "ohm ohms ω",
        "bar": "bar bars",
    }.items()
}
_UNIT_OF = {name: canonical for canonical, names in _UNITS.items() for name in names}
_TIME = frozenset({"s", "min", "h", "day", "week", "month", "year"})
_UNIT_WORDS = "|".join(re.escape(name).replace("_", r"\s") for name in sorted(_UNIT_OF, key=len, reverse=True))
_UNIT = re.compile(
    rf"[\s-]{{0,2}}(?P<unit>{_UNIT_WORDS})(?![\w])(?:\s?(?:/|per\s|par\s|a\s|an\s)\s?(?P<per>{_UNIT_WORDS})(?![\w]))?"
)
_SCALES = {"thousand": 1e3, "mille": 1e3, "million": 1e6, "millions": 1e6, "milliard": 1e9, "milliards": 1e9}
_SCALES |= {"billion": 1e9, "billions": 1e9}
_SCALE = re.compile(rf"\s?(?P<scale>{'|'.join(sorted(_SCALES, key=len, reverse=True))})\b(?:\s(?:de|d'|of)\s?)?")
_HALF = re.compile(r"\s(?:et\sdemie?|and\sa\shalf)\b")
_PART_OF_HOUR = re.compile(r"\b(?:(?P<three>trois|three)\s)?(?:quarts?\sd'heure|quarters?\sof\san\shour)\b")
_HALF_HOUR = re.compile(r"\b(?:half\san\shour|half-hour|demi-heures?|demie-heures?)\b")
# "A third of", "la moitié des": read as percentages.
_FRACTIONS = {"tiers": 100 / 3, "third": 100 / 3, "thirds": 100 / 3, "moitie": 50.0, "half": 50.0}
_FRACTIONS |= {"quart": 25.0, "quarts": 25.0, "quarter": 25.0, "quarters": 25.0}
_FRACTION = re.compile(
    rf"\b(?:(?P<two>deux|two|2)|(?P<three>trois|three|3))[\s-](?P<part>{'|'.join(_FRACTIONS)})\b"
    r"|\b(?:(?:une?|l[ae]s?|an?|one|the)\s)?(?P<one>tiers|quart|third|quarter|moitie|half)"
    r"(?=\s(?:d(?:es?|u)\b|d['’]|(?:of|the|was|were|went|came)\b))"
)
_ONE = re.compile(r"\b(?P<sure>one|un|une|1)\s|\b(?:an?)\s")

_MONTHS = {
    name: number
    for number, names in enumerate(
        """janvier january jan janv|fevrier february feb fevr|mars march mar|avril april apr avr|mai may|juin june jun
        |juillet july jul juil|aout august aug|septembre september sept sep|octobre october oct|novembre november nov
        |decembre december dec""".replace("\n", "").split("|"),
        start=1,
    )
    for name in names.split()
}
MONTH_UNIT = "month of the year"
_ROMAN = {"I": 1, "V": 5, "X": 10}


@dataclass(frozen=True)
class Quantity:
    """A number and its unit at characters start to end of a text. `values` are its readings; units may be empty."""

    values: frozenset[float]
    unit: str
    per: str
    start: int
    end: int

    def agrees_with(self, other: Quantity) -> bool:
        """The same value, and units that do not contradict each other."""
        if not self.values & other.values:
            return False
        if MONTH_UNIT in (self.unit, other.unit):
            return self.unit == other.unit
        return _same_or_open(self.unit, other.unit) and _same_or_open(self.per, other.per)


def quantities(text: str) -> list[Quantity]:
    """The numbers of `text`, in order; positions index `text`."""
    folded, places = _folded_with_places(text)
    found: list[Quantity] = []
    taken = bytearray(len(folded))

    def add(values: Sequence[float], unit: str, per: str, start: int, end: int) -> None:
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Quantity(frozenset(values), unit, per, places[start], places[end - 1] + 1))

    for match in [*_ISO_DATE.finditer(folded), *_DATE.finditer(folded)]:
        day, month = float(match["day"]), float(match["month"])
        either = match.re is _DATE and day <= 12  # 3/4/2022 is read both ways
        add([day, month] if either else [day], "", "", *match.span("day"))
        add([month, day] if either else [month], MONTH_UNIT, "", *match.span("month"))
        add([float(match["year"])], "", "", *match.span("year"))
        taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    for match in _PART_OF_HOUR.finditer(folded):
        add([45 if match["three"] else 15], "min", "", *match.span())
    for match in _HALF_HOUR.finditer(folded):
        add([30], "min", "", *match.span())
    for match in _FRACTION.finditer(folded):
        parts = 3 if match["three"] else 2 if match["two"] else 1
        add([parts * _FRACTIONS[match["part"] or match["one"]]], "%", "", *match.span())
    in_words = [(start, end, [value], "") for start, end, value in word_numbers(folded)]
    for start, end, values, currency in [*_digit_numbers(folded), *in_words]:
        stop, unit, per, values = _with_unit(folded, end, values)
        add(values, currency or unit, per, start, stop)
    for match in _ONE.finditer(folded):
        unit_match = _UNIT.match(folded, match.end() - 1)
        unit = _UNIT_OF[unit_match["unit"].replace(" ", "_")] if unit_match else ""
        if unit_match and unit in _TIME:
            half = _HALF.match(folded, unit_match.end())
            add([1.5 if half else 1], unit, "", match.start(), half.end() if half else unit_match.end())
    for match in _CENTURY.finditer(text):
        found.append(Quantity(frozenset({_roman(match["roman"])}), "", "", match.start(), match.end()))
    found += _months(text)
    return sorted(found, key=lambda q: q.start)


def _same_or_open(one: str, other: str) -> bool:
    return not one or not other or one == other


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """`text` folded, and for each of its characters the place in `text` it comes from."""
    parts, places = [], []
    for place, character in enumerate(text):
        part = character if character in "²³ \n" else fold(character)
        part = {"²": "2", "³": "3", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-"}.get(character, part)
        parts.append(part)
        places += [place] * len(part)
    return "".join(parts), places


def _digit_numbers(folded: str) -> list[tuple[int, int, list[float], str]]:
    found = []
    position = 0
    while match := _DIGITS.search(folded, position):
        start, end = match.span("number")
        position = end
        before = folded[max(0, match.start() - 3) : match.start()]
        if re.search(r"[^\W\d_][-–]?$", before) and not re.search(r"\d[-–]$", before):
            continue  # F3, BH-14: a name
        written = match["number"].replace(" ", "").replace("'", "").replace("’", "")
        sign = -1.0 if match["sign"] and not re.search(r"\d\s?$", before) else 1.0
        currency = (match["currency"] or "").strip()
        begin = match.start("currency") if currency else start
        end = match.end("ordinal") if match["ordinal"] else end
        found.append((begin, end, [sign * value for value in _readings(written)], currency))
        gap = _AFTER_HYPHEN.match(folded, end)
        if gap and (second := re.compile(r"\d+(?:[.,]\d+)?").match(folded, gap.end())):
            found.append((second.start(), second.end(), _readings(second.group()), currency))
            position = second.end()
    return found


def _readings(written: str) -> list[float]:
    """The values a number in digits may have: a lone mark before three digits is a thousand or a decimal."""
    marks = re.findall(r"[.,]", written)
    if not marks:
        return [float(written)]
    if len(set(marks)) == 2:  # 1.234,5 or 1,234.5: the last mark is the decimal one
        return [float(written.replace(marks[0], "").replace(",", "."))]
    joined = float(written.replace(marks[0], ""))
    if len(marks) > 1:
        return [joined]
    decimal = float(written.replace(",", "."))
    whole, _, rest = written.replace(",", ".").partition(".")
    return [decimal, joined] if len(rest) == 3 and whole != "0" else [decimal]


def _with_unit(folded: str, end: int, values: list[float]) -> tuple[int, str, str, list[float]]:
    if scale := _SCALE.match(folded, end):
        values, end = [v * _SCALES[scale["scale"]] for v in values], scale.end()
        while end and folded[end - 1].isspace():
            end -= 1
    if half := _HALF.match(folded, end):
        values, end = [v + 0.5 for v in values], half.end()
    match = _UNIT.match(folded, end)
    if match is None:
        return end, "", "", values
    unit, per = (_UNIT_OF[match[n].replace(" ", "_")] if match[n] else "" for n in ("unit", "per"))
    end = match.end()
    if half := _HALF.match(folded, end):
        values, end = [v + 0.5 for v in values], half.end()
    return end, unit, per, values


def _months(text: str) -> list[Quantity]:
    """Names of months beside a number: "1er mars 2023", "March 2021", "5 April"."""
    found = []
    for match in _WORD.finditer(text):
        number = _MONTHS.get(fold(match.group()))
        if number is None:
            continue
        before, after = text[max(0, match.start() - 5) : match.start()], text[match.end() : match.end() + 6]
        if re.search(r"\d\s?(?:er|st|nd|rd|th)?(?:\sof)?\s$", before) or re.match(r"\.?,?\s\d", after):
            found.append(Quantity(frozenset({float(number)}), MONTH_UNIT, "", match.start(), match.end()))
    return found


def _roman(digits: str) -> float:
    values = [_ROMAN[d] for d in digits]
    return float(sum(-v if v < max(values[i:], default=0) else v for i, v in enumerate(values)))
