"""Whose turn it is in a conversation, in quiet colours."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_AVATARS = {"user": ":material/person:", "assistant": ":material/auto_stories:"}


def turn_of(role: str) -> DeltaGenerator:
    """What "user" or "assistant" says is drawn in it."""
    return st.chat_message(role, avatar=_AVATARS[role])
