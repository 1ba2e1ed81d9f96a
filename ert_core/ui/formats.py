"""Numbers, sizes, durations and dates in the session's language and the browser's time zone."""

from __future__ import annotations

import streamlit as st

from ert_core.locale import formats
from ert_core.ui.session import language


def number(value: float, decimals: int = 0) -> str:
    """ "1 234,5" or "1,234.5"."""
    return formats.number(value, language(), decimals)


def percentage(value: float, decimals: int = 0) -> str:
    """ "12 %" or "12%", of a value in per cent."""
    return formats.percentage(value, language(), decimals)


def size(count: float) -> str:
    """ "1,2 Mo" or "1.2 MB", of bytes."""
    return formats.size(count, language())


def duration(seconds: float) -> str:
    """ "1 min 5 s"."""
    return formats.duration(seconds, language())


def time_left(seconds: float) -> str:
    """ "environ 5 min" or "about 5 min"."""
    return formats.time_left(seconds, language())


def date_time(moment: str) -> str:
    """ "27 nov. 2026, 18:05" or "27 Nov 2026, 18:05", of an ISO time."""
    return formats.date_time(moment, language(), st.context.timezone)
