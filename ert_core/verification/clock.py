"""Times of day and durations in hours and minutes: "9h30", "9 h 30", "9:30 pm", "2 hours 5 minutes". Pure."""

from __future__ import annotations

import re

from ert_core.verification.units import UNIT_WORDS

_HALF_OF_DAY = r"\s?(?P<half>[ap])\.?m(?!\w)"
_NO_UNIT = rf"(?!\w|[.,:]\d|\s?(?:{UNIT_WORDS})(?!['’]?\w))"
_OPENS_RANGE = re.compile(
    r"(?<![\w.,:/])(?P<hour>\d{1,2})(?:[:.](?P<minutes>[0-5]\d))?"
    r"(?=\s?(?:and|to|until|till|or|-|–)\s?\d{1,2}(?:[:.][0-5]\d)?" + _HALF_OF_DAY.replace("?P<half>", "") + ")"
)
_FORMS = (
    re.compile(
        r"(?<![\w.,:/])(?P<hour>\d{1,3})\s?(?:h|heures?|hours?|hrs?)\s?"
        r"(?:(?:(?:et|and)\s)?(?P<named>[0-5]?\d)\s?(?:minutes?|min|mn)(?!\w)|(?P<minutes>[0-5]\d)" + _NO_UNIT + ")"
    ),
    _OPENS_RANGE,
    re.compile(r"(?<![\w.,:/])(?P<hour>\d{1,2})(?:[:.h](?P<minutes>[0-5]\d))?" + _HALF_OF_DAY),
    re.compile(r"(?<![\w.,:/])(?P<hour>[01]?\d|2[0-4]):(?P<minutes>[0-5]\d)(?![\d:]|[ .,]\d{3})"),
)
# "A quarter of an hour", "half an hour": minutes.
_PART_OF_HOUR = re.compile(r"\b(?:(?P<three>trois|three)\s)?(?:quarts?\sd'heure|quarters?\sof\san\shour)\b")
_HALF_HOUR = re.compile(r"\b(?:half\san\shour|half-hour|demi-heures?|demie-heures?)\b")


def clock_times(folded: str) -> list[tuple[int, int, list[float]]]:
    """(start, end, hours) of the times of a folded text that have minutes, or "am" or "pm"; 9:30 pm is 21.5.

    "am" and "pm" are none of the time's characters: they are words that two texts may have in common.
    In "from 2 until 7.30 pm" the first time may be before noon or after it: both readings are kept.
    """
    found = []
    for form in _FORMS:
        for match in form.finditer(folded):
            parts = match.groupdict()
            hour, minutes = int(parts["hour"]), int(parts.get("named") or parts["minutes"] or 0)
            hours = [hour]
            if 1 <= hour <= 12 and form is _OPENS_RANGE:
                hours = [hour % 12, hour % 12 + 12]
            elif 1 <= hour <= 12 and (half := parts.get("half")):
                hours = [hour % 12 + (12 if half == "p" else 0)]
            end = match.end("minutes" if parts["minutes"] else "hour") if parts.get("half") else match.end()
            found.append((match.start(), end, [(60 * h + minutes) / 60 for h in hours]))
    return found


def parts_of_an_hour(folded: str) -> list[tuple[int, int, float]]:
    """(start, end, minutes) of the quarters and halves of an hour of a folded text."""
    found = [(*m.span(), 45.0 if m["three"] else 15.0) for m in _PART_OF_HOUR.finditer(folded)]
    return found + [(*m.span(), 30.0) for m in _HALF_HOUR.finditer(folded)]
