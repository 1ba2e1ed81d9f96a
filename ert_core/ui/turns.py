"""Whose turn it is in a conversation, in quiet colours, and which one the page scrolls to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ert_core.ui.components import component

_AVATARS = {"user": ":material/person:", "assistant": ":material/auto_stories:"}


def turn_of(role: str) -> DeltaGenerator:
    """What "user" or "assistant" says is drawn in it."""
    return st.chat_message(role, avatar=_AVATARS[role])


@contextmanager
def in_sight(name: str) -> Iterator[None]:
    """What is drawn in it is scrolled to when it comes into the page; `name` tells it from what came before.

    Streamlit follows new messages only for a question box outside every container.
    """
    with st.container(key=f"in-sight-{name}", gap=None):
        yield
        component("turn_in_sight")(key=f"follow-{name}", data={"turn": name})
