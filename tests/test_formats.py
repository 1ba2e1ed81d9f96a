"""Numbers, sizes, durations and dates as readers expect them: examples, and laws that hold for all."""

import math
import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ert_core.locale import LANGUAGES
from ert_core.locale.formats import date, date_time, duration, number, percentage, size, time_left

languages = st.sampled_from(LANGUAGES)
UNITS = {"fr": ["octets", "ko", "Mo", "Go", "To"], "en": ["bytes", "kB", "MB", "GB", "TB"]}
SECONDS = {"s": 1, "min": 60, "h": 3600, "j": 86_400, "d": 86_400}


def plain(shown: str) -> str:
    return re.sub(r"\s", " ", shown)


def value_of(shown: str, language: str) -> float:
    """What a number shown means, read back."""
    digits = re.sub(r"\s", "", shown).replace("\u2212", "-")
    return float(digits.replace(",", ".") if language == "fr" else digits.replace(",", ""))


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0 octets", "0 bytes"),
        (1, "1 octet", "1 byte"),
        (999, "999 octets", "999 bytes"),
        (1_240_000, "1,2 Mo", "1.2 MB"),
        (9_960_000, "10 Mo", "10 MB"),
        (488_000_000, "488 Mo", "488 MB"),
        (999_600_000, "1,0 Go", "1.0 GB"),
        (12_345_678_901, "12,3 Go", "12.3 GB"),
        (5e15, "5 000 To", "5,000 TB"),
    ],
)
def test_sizes(count: float, french: str, english: str) -> None:
    assert (plain(size(count, "fr")), plain(size(count, "en"))) == (french, english)


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (0.04, "0,0 s", "0.0 s"),
        (9.94, "9,9 s", "9.9 s"),
        (9.97, "10 s", "10 s"),
        (59.7, "1 min", "1 min"),
        (65, "1 min 5 s", "1 min 5 s"),
        (3599.8, "1 h", "1 h"),
        (7500, "2 h 5 min", "2 h 5 min"),
        (86_399, "1 j", "1 d"),
        (273_600, "3 j 4 h", "3 d 4 h"),
    ],
)
def test_durations(seconds: float, french: str, english: str) -> None:
    assert (plain(duration(seconds, "fr")), plain(duration(seconds, "en"))) == (french, english)


def test_what_remains_is_told_as_roughly_as_it_is_known() -> None:
    assert time_left(20, "fr") == "moins d'une minute"
    assert plain(time_left(290, "fr")) == "environ 5 min"
    assert plain(time_left(7501, "en")) == "about 2 h 5 min"


def test_french_typography_keeps_a_number_and_its_unit_together() -> None:
    assert number(1234567.8, "fr", 1) == "1\u202f234\u202f567,8" and number(1234567.8, "en", 1) == "1,234,567.8"
    assert percentage(12.5, "fr", 1) == "12,5\u202f%" and percentage(12.5, "en", 1) == "12.5%"
    assert number(-3, "en") == "\u22123" and number(-0.2, "en") == "0"


@pytest.mark.parametrize(
    ("moment", "zone", "french", "english"),
    [
        ("2026-11-27T17:05:00+00:00", "Europe/Paris", "27 nov. 2026, 18:05", "27 Nov 2026, 18:05"),
        ("2026-11-27T17:05:00Z", "Europe/Paris", "27 nov. 2026, 18:05", "27 Nov 2026, 18:05"),
        ("2026-11-27T17:05:00", "America/Montreal", "27 nov. 2026, 12:05", "27 Nov 2026, 12:05"),
        ("2026-07-31T22:30:00+00:00", "Europe/Paris", "1er août 2026, 00:30", "1 Aug 2026, 00:30"),
    ],
)
def test_dates_are_the_readers(moment: str, zone: str, french: str, english: str) -> None:
    assert plain(date_time(moment, "fr", zone)) == french
    assert plain(date_time(moment, "en", zone)) == english
    assert french.startswith(plain(date(moment, "fr", zone)))


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "../../etc/passwd", "/etc", "Europe", "\0"])
def test_a_zone_that_nobody_knows_is_this_machines(zone: str | None) -> None:
    moment = datetime(2026, 11, 27, 17, 5, tzinfo=timezone.utc)
    assert date_time(moment, "en", zone).endswith(f"{moment.astimezone():%H:%M}")


@given(st.floats(-1e12, 1e12), st.integers(0, 3), languages)
def test_a_number_reads_back_as_what_it_was(value: float, decimals: int, language: str) -> None:
    assert value_of(number(value, language, decimals), language) == pytest.approx(
        value, abs=0.5 * 10**-decimals + max(1e-9, 2 * math.ulp(value))
    )


@given(st.integers(0, 10**15), st.integers(0, 10**15), languages)
def test_a_larger_size_never_looks_smaller(one: int, other: int, language: str) -> None:
    def read(count: int) -> float:
        shown, unit = size(count, language).split("\u00a0" if count > 999 else " ")
        return value_of(shown, language) * 1000 ** [u.rstrip("s") for u in UNITS[language]].index(unit.rstrip("s"))

    assert (read(one) <= read(other)) == (one <= other) or read(one) == read(other)
    assert read(one) == pytest.approx(one, rel=0.051)
    assert len(re.sub(r"\D", "", size(one, language))) <= 4, "short enough to be read at a glance"


@given(st.floats(0, 1e8), languages)
def test_a_duration_is_near_what_it_says(seconds: float, language: str) -> None:
    words = re.split(
        r"\s", duration(seconds, language).replace("\u202f", "").replace(",", "." if language == "fr" else "")
    )
    told = sum(float(count) * SECONDS[unit] for count, unit in zip(words[::2], words[1::2], strict=True))
    assert told == pytest.approx(seconds, rel=0.03, abs=0.06)
    assert len(words) <= 4


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from(["UTC", "Asia/Kolkata", None]), languages
)
def test_the_same_moment_is_the_same_day_whatever_zone_it_is_written_in(
    moment: datetime, zone: str | None, language: str
) -> None:
    there = moment.replace(tzinfo=timezone.utc).astimezone(timezone(timedelta(hours=9)))
    assert date_time(moment, language, zone) == date_time(there.isoformat(), language, zone)
    assert "\n" not in date_time(moment, language, zone)
