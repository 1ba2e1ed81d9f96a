"""Times of a day on the reader's clock: in the browser's time zone (`formats` has the rest)."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from ert_core.ui.formats import date_time


def on_readers_clock(*moments: str) -> list[datetime | None]:
    """Saved times (UTC, ISO 8601) in the browser's time zone, else in this machine's, without its mark; None for ""."""
    try:
        zone = ZoneInfo(st.context.timezone) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError):  # a browser may name one that this machine does not know
        zone = None
    return [datetime.fromisoformat(m).astimezone(zone).replace(tzinfo=None) if m else None for m in moments]


def clock_time(moment: str) -> str:
    """Hours and minutes; empty for a time that is not known."""
    [time] = on_readers_clock(moment)
    return "" if time is None else f"{time:%H:%M}"


def time_since(moment: str) -> str:
    """Hours and minutes, and the day where it was another one."""
    now, then = on_readers_clock(datetime.now(timezone.utc).isoformat(), moment)
    today = now is not None and then is not None and now.date() == then.date()
    return clock_time(moment) if today else date_time(moment)
