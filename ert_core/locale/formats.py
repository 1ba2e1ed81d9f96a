"""Numbers, sizes, durations and dates as readers of French and English expect them. Standard library only.

French puts a comma before decimals, U+202F between thousands and before %, and U+00A0 before units
(CLDR, https://cldr.unicode.org; *Lexique des règles typographiques*, Imprimerie nationale). In both
languages a number is never parted from its unit at the end of a line.
"""

from __future__ import annotations

from datetime import datetime, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from ert_core.locale import THOUSANDS, text

NARROW, NO_BREAK = THOUSANDS["fr"], "\u00a0"
# Minus signs as wide as a plus.
MINUS = "\u2212"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def number(value: float, language: str, decimals: int = 0) -> str:
    """A number with so many decimals: "1 234,5" in French, "1,234.5" in English."""
    shown = f"{abs(value):,.{decimals}f}"
    if language == "fr":
        shown = shown.replace(",", NARROW).replace(".", ",")
    return f"{MINUS}{shown}" if round(value, decimals) < 0 else shown


def percentage(value: float, language: str, decimals: int = 0) -> str:
    """`value` in per cent, [0, 100] as a rule: "12,5 %" in French, "12.5%" in English."""
    return f"{number(value, language, decimals)}{NARROW if language == 'fr' else ''}%"


def size(count: float, language: str) -> str:
    """Bytes in the unit that suits, of powers of 1,000: "1,2 Mo", "12 Mo", "6,2 Go"; "1.2 MB" in English."""
    units = text("format.units", language).split()
    value, unit = max(0.0, float(count)), 0
    # 999.6 would be shown as 1,000.
    while round(value) >= 1000 and unit < len(units) - 1:
        value, unit = value / 1000, unit + 1
    if unit == 0:
        return text("format.byte" if round(value) == 1 else "format.bytes", language, count=number(value, language))
    precise = round(value, 1) < (100 if unit >= 3 else 10)
    return f"{number(value, language, 1 if precise else 0)}{NO_BREAK}{units[unit]}"


def duration(seconds: float, language: str) -> str:
    """A time span, its two largest units: "0,8 s", "12 s", "1 min 5 s", "2 h 5 min", "3 j 4 h"."""
    second, minute, hour, day = text("format.durations", language).split()
    seconds = max(0.0, seconds)
    if round(seconds, 1) < 10:
        return f"{number(seconds, language, 1)}{NO_BREAK}{second}"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}{NO_BREAK}{second}"
    if whole < _HOUR:
        return _two(whole // _MINUTE, minute, whole % _MINUTE, second, language)
    whole = round(seconds / _MINUTE)
    if whole < _DAY // _MINUTE:
        return _two(whole // 60, hour, whole % 60, minute, language)
    whole = round(seconds / _HOUR)
    return _two(whole // 24, day, whole % 24, hour, language)


def time_left(seconds: float, language: str) -> str:
    """An estimate of what remains, as rough as it is: "moins d'une minute", "environ 5 min", "environ 2 h 5 min"."""
    minutes = round(seconds / _MINUTE)
    if minutes < 1:
        return text("format.under_a_minute", language)
    return text("format.about", language, time=duration(minutes * _MINUTE, language))


def date(moment: str | datetime, language: str, zone: str | None = None) -> str:
    """The day of an ISO time, in the time zone `zone` ("Europe/Paris"): "27 nov. 2026"; "27 Nov 2026" in English."""
    local = _local(moment, zone)
    month = text("format.months", language).split()[local.month - 1]
    day = text("format.first", language) if local.day == 1 else str(local.day)
    return f"{day}{NO_BREAK}{month} {local.year}"


def date_time(moment: str | datetime, language: str, zone: str | None = None) -> str:
    """The same with the time of day: "27 nov. 2026, 18:05"."""
    return f"{date(moment, language, zone)}, {_local(moment, zone):%H:%M}"


def _two(large: int, large_unit: str, small: int, small_unit: str, language: str) -> str:
    shown = f"{number(large, language)}{NO_BREAK}{large_unit}"
    return f"{shown} {small}{NO_BREAK}{small_unit}" if small else shown


def _local(moment: str | datetime, zone: str | None) -> datetime:
    """In `zone`, or in this machine's own where it is None or unknown. A time without a zone is UTC."""
    # Python 3.10 does not know the Z.
    parsed = datetime.fromisoformat(moment.replace("Z", "+00:00")) if isinstance(moment, str) else moment
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.utc)
    return parsed.astimezone(_zone(zone))


@cache
def _zone(name: str | None) -> tzinfo | None:
    """None, too, for a name that nobody knows: it comes from a browser."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; a folder, a path
        return None
