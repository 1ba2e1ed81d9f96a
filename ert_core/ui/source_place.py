"""Where a person reads in a source: page, zoom and place, kept in the session."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from ert_core.page_pictures import ZOOMS

Reading = tuple[Literal["before", "after"], int]
Window = tuple[float, float, float, float]
# How far a click moves the part shown, as a share of it.
_STEP = 0.6


class SourcePlace:
    """The place in one source, under `key`; `shown` names what is shown there, and another begins at its quote."""

    def __init__(self, key: str, shown: object) -> None:
        self.key = key
        self._name = f"{key}-place"
        if self._state.get("shown") != shown:
            st.session_state[self._name] = {"shown": shown}

    @property
    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = st.session_state.get(self._name, {})
        return state

    @property
    def page(self) -> int | None:
        """The page turned to; None for the quoted one."""
        return self._state.get("page")

    @property
    def zoom(self) -> float:
        """How many times larger than the whole page."""
        return float(self._state.get("zoom", 1.0))

    @property
    def centre(self) -> tuple[float, float] | None:
        """The middle of what is shown, as shares of the page; None for where the quote is."""
        return self._state.get("centre")

    @property
    def reading(self) -> Reading | None:
        """The stretch of text turned to: the one before or after a position; None for the quote's."""
        return self._state.get("reading")

    def show_quote(self) -> None:
        """Back to the quoted page, or the text around the quote; the zoom stays."""
        self._change(page=None, centre=None, reading=None)

    def turn_to(self, page: int) -> None:
        """Another page; the zoom stays."""
        self._change(page=page, centre=None)

    def zoom_to(self, zoom: float) -> None:
        """Larger or smaller, around the same place."""
        self._change(zoom=zoom, centre=self.centre if zoom > 1 else None)

    def move(self, window: Window, x: int, y: int) -> None:
        """The part of the page beside `window`, the one shown: `x` and `y` in -1, 0, 1, to the right and down."""
        width, height = window[2] - window[0], window[3] - window[1]
        centre_x = (window[0] + window[2]) / 2 + x * _STEP * width
        centre_y = (window[1] + window[3]) / 2 + y * _STEP * height
        self._change(centre=(_between(centre_x, width), _between(centre_y, height)))

    def read_before(self, position: int) -> None:
        """The stretch of text that ends at `position`."""
        self._change(reading=("before", position))

    def read_after(self, position: int) -> None:
        """The stretch of text that begins at `position`."""
        self._change(reading=("after", position))

    def _change(self, **changes: object) -> None:
        st.session_state[self._name] = {**self._state, **changes}


def next_zoom(zoom: float, step: int) -> float:
    """The zoom after (1) or before (-1) this one, or the same at an end."""
    place = ZOOMS.index(zoom) + step
    return ZOOMS[min(max(place, 0), len(ZOOMS) - 1)]


def _between(centre: float, size: float) -> float:
    return min(max(centre, size / 2), 1 - size / 2)
