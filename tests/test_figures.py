"""Times, numbers and sizes as a French and an English reader write them."""

from datetime import datetime, timedelta, timezone

import pytest

from ert_core.ui import figures, formats


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The language of the session."""
    monkeypatch.setattr(formats, "language", lambda: request.param)
    return str(request.param)


def test_numbers_and_sizes(language: str) -> None:
    expected = {
        "fr": ["999", "5\u202f000", "164\u00a0ko", "2,5\u00a0Mo"],
        "en": ["999", "5,000", "164\u00a0kB", "2.5\u00a0MB"],
    }
    shown = [formats.number(999), formats.number(5000), formats.size(163_900), formats.size(2_460_000)]
    assert shown == expected[language]


@pytest.mark.usefixtures("language")
def test_a_time_of_today_has_no_day_and_an_older_one_has() -> None:
    now = datetime.now(timezone.utc)
    clock = figures.clock_time(now.isoformat())
    [shown] = figures.on_readers_clock(now.isoformat())
    assert shown is not None and clock == f"{shown:%H:%M}"
    assert figures.time_since(now.isoformat()) == clock
    older = (now - timedelta(days=3)).isoformat()
    assert figures.time_since(older) == formats.date_time(older) != figures.clock_time(older)
    assert figures.clock_time("") == ""
