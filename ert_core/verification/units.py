"""Units of measure, in French and in English, and what they are counted by: "km", "M€", "per day". Pure.

All functions read a folded text from a place on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ert_core.languages import is_any_stop_word

_UNITS = {
    canonical: names.split()
    for canonical, names in {
        "nm": "nm nanometre nanometres nanometer nanometers",
        "μm": "μm micron microns micrometre micrometres micrometer micrometers",
        "mm": "mm millimetre millimetres millimeter millimeters",
        "cm": "cm centimetre centimetres centimeter centimeters",
        "m": "m metre metres meter meters",
        "km": "km kilometre kilometres kilometer kilometers",
        "mile": "mile miles",
        "foot": "ft foot feet pied pieds",
        "inch": "inch inches pouce pouces",
        "mm2": "mm2",
        "cm2": "cm2",
        "m2": "m2",
        "km2": "km2",
        "cm3": "cm3",
        "m3": "m3",
        "ha": "ha hectare hectares",
        "μg": "μg mcg microgramme microgrammes microgram micrograms",
        "mg": "mg milligramme milligrammes milligram milligrams",
        "g": "g gramme grammes gram grams",
        "kg": "kg kilo kilos kilogramme kilogrammes kilogram kilograms",
        "t": "t tonne tonnes ton tons",
        "μl": "μl microlitre microlitres microliter microliters",
        "ml": "ml millilitre millilitres milliliter milliliters",
        "cl": "cl centilitre centilitres centiliter centiliters",
        "dl": "dl decilitre decilitres deciliter deciliters",
        "l": "l litre litres liter liters",
        "hl": "hl hectolitre hectolitres hectoliter hectoliters",
        "ms": "ms milliseconde millisecondes millisecond milliseconds",
        "s": "s seconde secondes second seconds",
        "min": "min mn minute minutes",
        "h": "h heure heures hour hours hr hrs",
        "day": "jour jours day days",
        "week": "semaine semaines week weeks",
        "month": "mois month months",
        "year": "an ans annee annees year years",
        "%": "% pour_cent per_cent percent pourcent",
        "€": "€ euro euros eur",
        "£": "£ livre_sterling livres_sterling pound pounds gbp",
        "$": "$ dollar dollars usd",
        "°c": "°c ° degre degres degree degrees",
        "°f": "°f",
        "mv": "mv millivolt millivolts",
        "v": "v volt volts",
        "kv": "kv kilovolt kilovolts",
        "ma": "ma milliampere milliamperes",
        "a": "ampere amperes",
        "w": "w watt watts",
        "kw": "kw kilowatt kilowatts",
        "mw": "mw megawatt megawatts",
        "gw": "gw gigawatt gigawatts",
        "kwh": "kwh",
        "mwh": "mwh",
        "gwh": "gwh",
        "hz": "hz hertz",
        "khz": "khz kilohertz",
        "mhz": "mhz megahertz",
        "ghz": "ghz gigahertz",
        "ohm": "ohm ohms ω",
        "pa": "pa pascal pascals",
        "hpa": "hpa hectopascal hectopascals",
        "kpa": "kpa kilopascal kilopascals",
        "mpa": "mpa megapascal megapascals",
        "mbar": "mbar millibar millibars",
        "bar": "bar bars",
        "turn": "tr tour tours revolution revolutions",
    }.items()
}
_UNIT_OF = {name: canonical for canonical, names in _UNITS.items() for name in names}
_TIME = frozenset({"s", "min", "h", "day", "week", "month", "year"})
# A visit, a round: turns only where they are counted by the minute.
_TURNS = frozenset({"tour", "tours", "revolution", "revolutions"})
_COMPOUND = {"rpm": ("turn", "min"), "mph": ("mile", "h"), "kph": ("km", "h"), "kmh": ("km", "h")}


def _either(names: list[str]) -> str:
    return "|".join(re.escape(name).replace("_", r"\s+") for name in sorted(names, key=len, reverse=True))


UNIT_WORDS = _either(list(_UNIT_OF))
# "9 h 30 l'été": no litre, but "a year's notice".
_END = r"(?!\w)(?!(?<=\b[a-z])['’]\w)"
_UNIT = re.compile(rf"[\s-]{{0,2}}(?:(?P<unit>{UNIT_WORDS})|(?P<compound>{'|'.join(_COMPOUND)})){_END}")
# Glued to its number, an unknown word is a unit of its own: "12XY".
_GLUED = re.compile(r"[^\W\d_]+(?![\w'’])")
_TIME_WORDS = _either([name for name, unit in _UNIT_OF.items() if unit in _TIME])
_BY = re.compile(
    rf"\s?(?:/|(?:per|par)\s)\s?(?P<unit>{UNIT_WORDS}){_END}"
    rf"|\s(?:an?|each|every|chaque)\s(?P<time>{_TIME_WORDS}){_END}(?!\s(?:ago|later|earlier|before|after)\b)"
    r"|\s(?P<adverb>hourly|daily|weekly|monthly|yearly|annually|quotidien(?:ne)?(?:s|ment)?|hebdomadaires?|mensuel\w*)\b"
)
# By how the adverb begins.
_BY_ADVERB = {"hour": "h", "dai": "day", "quotid": "day", "week": "week", "hebdo": "week", "month": "month"}
_BY_ADVERB |= {"mensu": "month", "year": "year", "annual": "year"}
_WORD_BETWEEN = re.compile(r"\s(?P<word>[^\W\d_]+)(?=\s)")
_WORDS_BETWEEN = 2

_SCALES = {"thousand": 1e3, "mille": 1e3, "million": 1e6, "millions": 1e6, "mn": 1e6, "milliard": 1e9}
_SCALES |= {"milliards": 1e9, "billion": 1e9, "billions": 1e9, "bn": 1e9, "md": 1e9, "mds": 1e9, "k": 1e3, "m": 1e6}
_SCALES |= {"b": 1e9, "trillion": 1e12, "trillions": 1e12}
_SHORT = frozenset({"k", "m", "b"})  # only beside a currency: "12 m" are metres
_LONG = "|".join(sorted(_SCALES.keys() - _SHORT - {"mn"}, key=len, reverse=True))
_SCALE = re.compile(rf"\s?(?P<scale>{_LONG})(?![^\W_])(?:\s?(?:de\s|d['’]|of\s))?")
_MONEY_SCALE = re.compile(r"\s?(?P<scale>k|mn|m|b)(?!\w)")
_SCALED_MONEY = re.compile(r"\s?(?P<scale>k|mds?|mn|m|bn|b)\s?(?P<unit>[€£$]|eur|usd|gbp)(?!\w)")
_HALF = re.compile(r"\s(?:et\sdemie?|and\sa\shalf)\b")


@dataclass(frozen=True)
class Measured:
    """Values with their unit and what they are counted by, up to `end`; `by` is a place apart that tells the latter."""

    values: tuple[float, ...]
    unit: str
    per: str
    end: int
    by: tuple[int, int] | None = None


def measured(folded: str, end: int, values: tuple[float, ...], currency: str = "") -> Measured:
    """A number that ends at `end` with its scale, its unit and what it is counted by."""
    unit, glued = currency, end
    if scaled := _SCALED_MONEY.match(folded, end):
        values, end = _times(values, scaled["scale"]), scaled.end()
        unit = _UNIT_OF[scaled["unit"]]
    elif scale := (_MONEY_SCALE.match(folded, end) if currency else None) or _SCALE.match(folded, end):
        values, end = _times(values, scale["scale"]), scale.end()
        while folded[end - 1].isspace():
            end -= 1
    values, end = _and_a_half(folded, end, values)
    per = ""
    # "£2 an hour" is no year in French.
    whole = (unit and unit != currency) or counted_by(folded, end)
    match = None if whole else _UNIT.match(folded, end)
    if match and not (match["unit"] in _TURNS and not _BY.match(folded, match.end())):
        found, per = _COMPOUND[match["compound"]] if match["compound"] else (_canonical(match["unit"]), "")
        unit, end = currency or found, match.end()
        values, end = _and_a_half(folded, end, values)
    elif not unit and end == glued and (own := _GLUED.match(folded, end)):
        unit, end = own.group(), own.end()
    if per:
        return Measured(values, unit, per, end)
    return _counted_by(folded, end, values, unit)


def time_unit(folded: str, start: int) -> tuple[str, int] | None:
    """The unit of time that begins at `start`, maybe after a blank, and its end."""
    match = _UNIT.match(folded, start)
    unit = _canonical(match["unit"]) if match and match["unit"] else ""
    return (unit, match.end()) if match and unit in _TIME else None


def half_after(folded: str, start: int) -> int | None:
    """Where "and a half" at `start` ends, if it stands there."""
    match = _HALF.match(folded, start)
    return match.end() if match else None


def counted_by(folded: str, start: int) -> tuple[str, int] | None:
    """What a number is counted by, said right after it: "per day", "a year", "/min", "daily"."""
    match = _BY.match(folded, start)
    if match is None:
        return None
    if adverb := match["adverb"]:
        return next(unit for begins, unit in _BY_ADVERB.items() if adverb.startswith(begins)), match.end()
    return _canonical(match["unit"] or match["time"]), match.end()


def _counted_by(folded: str, end: int, values: tuple[float, ...], unit: str) -> Measured:
    if found := counted_by(folded, end):
        return Measured(values, unit, found[0], found[1])
    place = end
    for _ in range(_WORDS_BETWEEN):  # "21,000 passengers a day"
        between = _WORD_BETWEEN.match(folded, place)
        if between is None or (between["word"] != "fois" and is_any_stop_word(between["word"])):
            break
        place = between.end()
        if found := counted_by(folded, place):
            return Measured(values, unit, found[0], end, (place, found[1]))
    return Measured(values, unit, "", end)


def _canonical(name: str) -> str:
    return _UNIT_OF["_".join(name.split())]


def _times(values: tuple[float, ...], scale: str) -> tuple[float, ...]:
    return tuple(v * _SCALES[scale] for v in values)


def _and_a_half(folded: str, end: int, values: tuple[float, ...]) -> tuple[tuple[float, ...], int]:
    stop = half_after(folded, end)
    return (values, end) if stop is None else (tuple(v + 0.5 for v in values), stop)
