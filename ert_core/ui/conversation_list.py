"""The conversations in the sidebar: open, search, rename, delete with a way back, export."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.conversation_export import to_json, to_markdown
from ert_core.conversations import Conversation
from ert_core.ui.markdown import escaped
from ert_core.ui.session import conversation_id, language, leave_conversation, show_conversation, t

# So many are listed at first, and more at each click.
SHOWN = 15
_DELETED, _MORE = "conversation_deleted", "conversations_shown"
_ACTIONS = ("rename", "export", "delete")


def show_conversations(ert: Assistant, *, reading: bool, answering: bool) -> None:
    """Draw the list, the last used first. While ERT is `reading` only, nothing can be changed.

    While it is `answering` in the one shown, nothing can be done with them but open one: a dialog waits for the run at
    hand, which lasts as long as the answer.
    """
    current = conversation_id(ert)
    _offer_undo(ert)
    words = st.text_input(
        t("conversations.search"),
        placeholder=t("conversations.search"),
        icon=":material/search:",
        key="conversation_search",
        label_visibility="collapsed",
    )
    found = ert.conversations.listed(words)
    if not found:
        st.caption(t("conversations.not_found") if words else t("conversations.none"))
    shown = st.session_state.setdefault(_MORE, SHOWN)
    with st.container(gap=None):
        for conversation in found[:shown]:
            _show_line(ert, conversation, current=conversation.id == current, reading=reading, answering=answering)
    if len(found) > shown and st.button(t("conversations.more"), type="tertiary", key="more_conversations"):
        st.session_state[_MORE] = shown + SHOWN
        st.rerun()


def _show_line(ert: Assistant, conversation: Conversation, *, current: bool, reading: bool, answering: bool) -> None:
    title = escaped(conversation.title)
    with st.container(
        horizontal=True, gap=None, vertical_alignment="center", wrap=False, key=f"line-{conversation.id}"
    ):
        with st.container():  # in it a long title is cut, and a short one stands on the left
            # No link to the page: Streamlit shows all links to the page one is on as the present one.
            st.button(
                f"**{title}**" if current else title,
                type="tertiary",
                wrap=False,
                key=f"open-{conversation.id}",
                on_click=show_conversation,
                args=(conversation.id,),
            )
        action = st.menu_button(
            t("conversations.menu"),
            [a for a in _ACTIONS if a == "export" or not reading],
            format_func=lambda value: t(f"conversations.{value}"),
            type="tertiary",
            icon=":material/more_horiz:",
            help=t("conversations.menu"),
            width=36,  # pixels: narrower it would be hard to hit; no room for the words, which a screen reader says
            wrap=False,
            disabled=answering,
            key=f"menu-{conversation.id}",
        )
    if action == "rename":
        st.dialog(t("conversations.rename"))(_rename)(ert, conversation)
    elif action == "export":
        st.dialog(t("conversations.export"))(_export)(ert, conversation)
    elif action == "delete":
        ert.conversations.delete(conversation.id)
        ert.stop_answers(conversation.id)
        st.session_state[_DELETED] = (conversation.id, conversation.title)
        if current:
            leave_conversation()
        st.rerun()


def _offer_undo(ert: Assistant) -> None:
    """A way back for what was deleted last, until something else is."""
    deleted = st.session_state.get(_DELETED)
    if deleted is None:
        return
    conversation, title = deleted
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("conversations.deleted", title=escaped(title)), width="stretch")
        if st.button(t("conversations.undo"), icon=":material/undo:", key="undo_delete"):
            ert.conversations.restore(conversation)
            del st.session_state[_DELETED]
            st.rerun()


def _rename(ert: Assistant, conversation: Conversation) -> None:
    with st.form(f"rename-{conversation.id}", border=False):  # so that Enter saves
        title = st.text_input(t("conversations.name"), value=conversation.title, key=f"title-{conversation.id}")
        save = st.form_submit_button(t("conversations.save"), type="primary")
    if save:
        ert.conversations.rename(conversation.id, title)
        st.rerun()


def _export(ert: Assistant, conversation: Conversation) -> None:
    messages = ert.conversations.messages(conversation.id)
    name = t("conversations.file")
    markdown = to_markdown(conversation.title, messages, language())
    icon = ":material/download:"
    st.download_button(t("conversations.markdown"), markdown, f"{name}.md", "text/markdown", icon=icon)
    as_json = to_json(conversation.title, messages)
    st.download_button(t("conversations.json"), as_json, f"{name}.json", "application/json", icon=icon)
