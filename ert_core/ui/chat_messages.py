"""The turns of the conversation shown."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.types import Message
from ert_core.ui.answers import show_answer
from ert_core.ui.errors import errors_shown
from ert_core.ui.markdown import escaped_lines
from ert_core.ui.message_actions import show_answer_actions, show_question
from ert_core.ui.session import language, t
from ert_core.ui.source_beside import choose_source
from ert_core.ui.turns import in_sight, turn_of

# So many turns are drawn at first, and more at each click: a page of a hundred answers would take seconds.
SHOWN = 6
_MORE = "turns_shown"


def messages_shown(ert: Assistant, conversation: str) -> list[Message]:
    """The turns to draw, and one message more where there are more."""
    return ert.conversations.messages(conversation, latest=2 * _turns_shown(conversation) + 1)


def show_messages(ert: Assistant, conversation: str, messages: Sequence[Message], *, settled: bool) -> None:
    """Draw the turns. Unless `settled`, nothing can be changed: an answer is being made, or another ERT writes."""
    variants = ert.conversations.variants(conversation)
    shown = _turns_shown(conversation)
    if len(messages) > 2 * shown:
        icon, more = ":material/expand_less:", (conversation, shown + SHOWN)
        st.button(t("message.show_earlier"), icon=icon, key="earlier", on_click=_show_turns, args=more)
    last = next((message.id for message in reversed(messages) if message.role == "user"), None)
    drawn = messages[-2 * shown :]
    for message, following in zip(drawn, [*drawn[1:], None], strict=True):
        with in_sight(str(last)) if message.id == last else nullcontext(), turn_of(message.role):
            if message.answer is None and settled and message.role == "user":
                show_question(ert, conversation, message, variants)
            elif message.answer is None:
                st.markdown(escaped_lines(message.text))
            else:
                show_answer(ert, message.answer, message.id, partial(choose_source, message.id))
                show_answer_actions(ert, conversation, message, variants, settled=settled)
            if following is not None and message.role == following.role == "user":
                st.caption(t("message.unanswered"))
    if settled and messages:
        with st.container():
            _offer_more(ert, conversation, messages)
    else:
        st.empty()  # in its place: what was offered would stay until an answer ends


def _turns_shown(conversation: str) -> int:
    asked_for, turns = st.session_state.get(_MORE, ("", SHOWN))
    return int(turns) if asked_for == conversation else SHOWN


def _show_turns(conversation: str, turns: int) -> None:
    st.session_state[_MORE] = conversation, turns


def _offer_more(ert: Assistant, conversation: str, messages: Sequence[Message]) -> None:
    """An answer for a question that has none; after a refusal: in all documents, or although the evidence is weak."""
    last = messages[-1]
    if last.role == "user":  # it was stopped in the queue or while files were added, or the server was
        _offer_answer(ert, conversation, last)
        return
    if last.answer is None or not last.answer.refused or not last.parent:
        return
    asked = messages[-2] if len(messages) > 1 else None
    with st.container(horizontal=True):
        if asked is not None and asked.scope is not None and asked.scope.only:
            _offer(ert, conversation, last.parent, "message.widely", ":material/travel_explore:", widely=True)
        _offer(ert, conversation, last.parent, "chat.anyway", ":material/priority_high:", anyway=True)


def _offer_answer(ert: Assistant, conversation: str, question: Message) -> None:
    st.caption(t("message.unanswered"))
    _offer(ert, conversation, question.id, "message.answer", ":material/play_arrow:")


def _offer(ert: Assistant, conversation: str, question: int, label: str, icon: str, **how: bool) -> None:
    if st.button(t(label), icon=icon, key=f"{label}-{question}"):
        with errors_shown():
            ert.answer_again(question, conversation, language=language(), **how)
            st.rerun()
