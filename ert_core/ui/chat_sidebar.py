"""The sidebar of the chat: new conversation, how ERT answers, language."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.ui.language_switch import show_language_switch
from ert_core.ui.markdown import escaped
from ert_core.ui.session import leave_conversation, t


def show_chat_sidebar(ert: Assistant) -> None:
    """Draw it; the answer mode is saved when it changes."""
    with st.sidebar:
        st.button(t("chat.new"), icon=":material/add_comment:", on_click=leave_conversation, width="stretch", key="new")
        mode = st.segmented_control(
            t("chat.mode"),
            ("quotes", "written"),
            default=ert.settings.answer_mode,
            required=True,
            format_func=lambda value: t(f"mode.{value}"),
            help=t("chat.mode_help"),
            key="answer_mode",
            width="stretch",
        )
        if mode and mode != ert.settings.answer_mode:
            ert.change_settings(answer_mode=mode)
        if ert.settings.answer_mode == "written":
            if ert.settings.llm:
                st.caption(t("chat.model", model=escaped(ert.settings.llm)))
            else:
                st.caption(t("chat.no_model"))
                st.page_link("settings.py", label=t("chat.choose_model"), icon=":material/tune:")
        show_language_switch()
