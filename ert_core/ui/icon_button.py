"""A button that shows its icon only, with its words for a pointer that rests on it and for screen readers."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

# Pixels: the icon, and no room for the words beside it. Without words Streamlit calls the button by its icon's
# English name.
WIDTH = 24


def icon_button(
    words: str,
    icon: str,
    key: str,
    *,
    disabled: bool = False,
    on_click: Callable[..., None] | None = None,
    args: tuple[object, ...] = (),
) -> bool:
    """Draw it; whether it was clicked."""
    return st.button(
        words,
        icon=icon,
        key=key,
        type="tertiary",
        help=words,
        width=WIDTH,
        wrap=False,
        disabled=disabled,
        on_click=on_click,
        args=args,
    )
