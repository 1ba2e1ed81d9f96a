"""One setting a row: its name, range, default and cost on the left, its control on the right, and the way back.

A change is saved and applied at once. What an `ERT_*` variable fixes is shown, and cannot be changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ert_core.assistant import Assistant
from ert_core.settings import bounds, choices, fixed_by_environment
from ert_core.ui.formats import number, percentage
from ert_core.ui.session import assistant, t

# Settings whose value is shown as a share of the machine.
_PERCENTAGES = ("cpu_budget",)
# Settings whose values have names.
_IN_WORDS = ("language", "appearance", "answer_mode")


def show_number(
    ert: Assistant, name: str, step: float, *, most: float | None = None, decimals: int = 0, note: str = ""
) -> None:
    """A setting that is a number; `most` replaces its greatest value, `note` follows what the row tells."""
    low, high = bounds(name)
    present = getattr(ert.settings, name)
    high = max(most if most is not None else high, present)
    told = t("settings.range", low=number(low, decimals), high=shown(name, high))

    def draw(key: str, disabled: bool) -> None:
        kind = type(present)
        limits = (kind(low), kind(high))
        st.number_input(
            label(name),
            *limits,
            step=kind(step),
            format=f"%.{decimals}f" if decimals else None,
            on_change=_save,
            args=(name, key),
            key=key,
            disabled=disabled,
            label_visibility="collapsed",
        )

    _row(ert, name, draw, told=told, note=note)


def show_switch(ert: Assistant, name: str, *, possible: bool = True, note: str = "") -> None:
    """A setting that is on or off; off and not to be changed unless `possible`."""

    def draw(key: str, disabled: bool) -> None:
        if not possible:
            st.session_state[key] = False
        st.checkbox(
            label(name),
            on_change=_save,
            args=(name, key),
            key=key,
            disabled=disabled or not possible,
            label_visibility="collapsed",
        )

    _row(ert, name, draw, note=note)


def show_choice(ert: Assistant, name: str, *, save: Callable[[str, str], None] | None = None) -> None:
    """A setting that is one of a few words. `save` is called with its name and the widget's key on a change."""

    def draw(key: str, disabled: bool) -> None:
        st.radio(
            label(name),
            choices(name),
            horizontal=True,
            format_func=lambda value: shown(name, value),
            on_change=save or _save,
            args=(name, key),
            key=key,
            disabled=disabled,
            label_visibility="collapsed",
        )

    _row(ert, name, draw)


def label(name: str) -> str:
    """What a setting is called."""
    return t(f"setting.{name}")


def shown(name: str, value: Any) -> str:
    """A value of a setting in words, with its unit."""
    if isinstance(value, bool):
        return t("settings.on" if value else "settings.off")
    if isinstance(value, str):
        return t(f"setting.{name}.{value or 'none'}") if name in _IN_WORDS or not value else value
    if name in _PERCENTAGES:
        return percentage(value)
    decimals = 1 if isinstance(value, float) else 0
    return t(f"setting.{name}.unit", value=number(value, decimals))


def back_to_default(ert: Assistant, name: str) -> None:
    """The button that forgets what pages changed of a setting, where that makes a difference."""
    default = getattr(ert.default_settings(), name)
    if getattr(ert.settings, name) != default and name not in fixed_by_environment():
        st.button(
            t("settings.back", value=shown(name, default)),
            type="tertiary",
            icon=":material/restart_alt:",
            on_click=_forget,
            args=(name,),
            key=f"back-{name}",
        )


def _row(ert: Assistant, name: str, draw: Callable[[str, bool], None], *, told: str = "", note: str = "") -> None:
    fixed = name in fixed_by_environment()
    default = t("settings.default", value=shown(name, getattr(ert.default_settings(), name)))
    facts = " · ".join(part for part in (told, default) if part)
    with _two_columns(label(name), t(f"setting.{name}.cost"), facts, note):
        key = f"setting-{name}"
        # Another tab, or the button, may have changed it.
        st.session_state[key] = getattr(ert.settings, name)
        draw(key, fixed)
        if fixed:
            st.caption(t("settings.fixed", variable=f"ERT_{name.upper()}"))
        else:
            back_to_default(ert, name)


def _two_columns(title: str, *lines: str) -> DeltaGenerator:
    """The title of a row with its lines under it; returns the place for its control."""
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left.container(gap=None):
        st.markdown(f"**{title}**")
        st.caption("  \n".join(line for line in lines if line))
    return right


def _save(name: str, key: str) -> None:
    assistant().change_settings(**{name: st.session_state[key]})


def _forget(name: str) -> None:
    assistant().change_settings(**{name: None})
