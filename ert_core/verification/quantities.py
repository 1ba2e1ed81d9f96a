"""The numbers of a text, as people write them in French and in English: value, unit, place. Pure.

"1 500", "1,500" and "quinze cents" are one value; "12,5" and "12.5" too. "1,500" alone may be a
thousand or a decimal number: both readings are kept. A date gives its day, its month and its year.
Numbers inside identifiers ("BH-14", "F3") are names, not quantities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ert_core.verification.clock import clock_times, parts_of_an_hour
from ert_core.verification.dates import MONTH_UNIT, WEEKDAY_UNIT, dates, months, ordinals, weekdays
from ert_core.verification.digits import digit_numbers, folded_with_places
from ert_core.verification.number_words import word_numbers
from ert_core.verification.units import counted_by, half_after, measured, time_unit

# "A third of", "la moitié des": read as percentages.
_FRACTIONS = {"tiers": 100 / 3, "third": 100 / 3, "thirds": 100 / 3, "moitie": 50.0, "half": 50.0}
_FRACTIONS |= {"quart": 25.0, "quarts": 25.0, "quarter": 25.0, "quarters": 25.0}
_FRACTION = re.compile(
    rf"\b(?:(?P<two>deux|two|2)|(?P<three>trois|three|3))[\s-](?P<part>{'|'.join(_FRACTIONS)})\b"
    r"|\b(?:(?:une?|l[ae]s?|an?|one|the)\s)?(?P<one>tiers|quart|third|quarter|moitie|half)"
    r"(?=\s(?:d(?:es?|u)\b|d['’]|(?:of|the|was|were|went|came)\b))"
)
_ONE = re.compile(r"\b(?:one|une?|1|an?)\s")
_ONCE = re.compile(r"\b(?:once|une\sfois)(?=\s)")
# Units that say what a number is: without one it is another thing.
_CLOSED = frozenset({MONTH_UNIT, WEEKDAY_UNIT})


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
        if self.unit != other.unit and not _CLOSED.isdisjoint((self.unit, other.unit)):
            return False
        return _same_or_open(self.unit, other.unit) and _same_or_open(self.per, other.per)


class _Found:
    """The quantities of a text as they are found; what comes first keeps its place."""

    def __init__(self, text: str, places: list[int]) -> None:
        self.quantities: list[Quantity] = []
        self._places = places
        self._taken = bytearray(len(text))

    def add(self, values: Iterable[float], unit: str, per: str, start: int, end: int) -> bool:
        """Keep a quantity at characters start to end of the folded text, unless another one is there."""
        first, last = self._places[start], self._places[end - 1] + 1
        if any(self._taken[first:last]):
            return False
        self.take(start, end)
        self.quantities.append(Quantity(frozenset(values), unit, per, first, last))
        return True

    def take(self, start: int, end: int) -> None:
        """Let nothing more be found there."""
        first, last = self._places[start], self._places[end - 1] + 1
        self._taken[first:last] = b"\x01" * (last - first)


def quantities(text: str) -> list[Quantity]:
    """The numbers of `text`, in order, none over another; positions index `text`."""
    folded, places = folded_with_places(text)
    found = _Found(text, places)
    for span, parts in dates(folded):
        for part in parts:
            found.add(*part)
        found.take(*span)
    for start, end, hours in clock_times(folded):
        per, stop = counted_by(folded, end) or ("", end)
        found.add(hours, "h", per, start, stop)
    for start, end, minutes in parts_of_an_hour(folded):
        found.add([minutes], "min", "", start, end)
    for match in _FRACTION.finditer(folded):
        count = 3 if match["three"] else 2 if match["two"] else 1
        found.add([count * _FRACTIONS[match["part"] or match["one"]]], "%", "", *match.span())
    for dated in (*months(folded), *weekdays(folded), *ordinals(folded)):
        found.add(*dated)
    in_words = [(start, end, [value], "") for start, end, value in word_numbers(folded)]
    for start, end, values, currency in [*digit_numbers(folded), *in_words]:
        whole = measured(folded, end, tuple(values), currency)
        if found.add(whole.values, whole.unit, whole.per, start, whole.end) and whole.by:
            found.take(*whole.by)
    _find_ones(folded, found)
    return sorted(found.quantities, key=lambda q: q.start)


def _find_ones(folded: str, found: _Found) -> None:
    """A number one that only its unit of time, or what it is counted by, tells: "a day", "once a year"."""
    for match in _ONCE.finditer(folded):
        if by := counted_by(folded, match.end()):
            found.add([1], "", by[0], match.start(), by[1])
    for match in _ONE.finditer(folded):
        if time := time_unit(folded, match.end() - 1):
            unit, end = time
            half = half_after(folded, end)
            found.add([1.5 if half else 1], unit, "", match.start(), half or end)


def _same_or_open(one: str, other: str) -> bool:
    return not one or not other or one == other
