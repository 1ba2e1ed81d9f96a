"""The sidebar of the chat: conversations, how ERT answers, language."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.settings import fixed_by_environment
from ert_core.ui.conversation_list import show_conversations
from ert_core.ui.language_switch import show_language_switch
from ert_core.ui.markdown import escaped
from ert_core.ui.session import leave_conversation, save_setting, t


def show_chat_sidebar(ert: Assistant, *, reading: bool, answering: bool) -> None:
    """Draw it; the answer mode is saved when it changes."""
    with st.sidebar:
        st.button(t("chat.new"), icon=":material/add_comment:", on_click=leave_conversation, width="stretch", key="new")
        fixed = "answer_mode" in fixed_by_environment()
        key = f"answer_mode_{ert.settings.answer_mode}"  # another tab may have changed it
        modes = ("quotes", "written")
        st.radio(
            t("chat.mode"),
            modes,
            index=modes.index(ert.settings.answer_mode),
            horizontal=True,
            format_func=lambda value: t(f"mode.{value}"),
            help=t("settings.fixed", variable="ERT_ANSWER_MODE") if fixed else t("chat.mode_help"),
            on_change=save_setting,
            args=("answer_mode", key),
            disabled=fixed,
            key=key,
            width="stretch",
        )
        if ert.settings.answer_mode == "written":
            if ert.settings.llm:
                st.caption(t("chat.model", model=escaped(ert.settings.llm)))
            else:
                st.caption(t("chat.no_model"))
                st.page_link("settings.py", label=t("chat.choose_model"), icon=":material/tune:")
        show_conversations(ert, reading=reading, answering=answering)
        show_language_switch()
