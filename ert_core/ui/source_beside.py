"""Which source stands beside the answers, and its panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.types import Citation, Message
from ert_core.ui.answers import grouped
from ert_core.ui.components import component
from ert_core.ui.source_view import show_source

_SOURCE, _CLOSED, _REQUEST = "source_chosen", "source_closed", "source_request"


@dataclass(frozen=True)
class OpenSource:
    """The marker whose source is shown: marker `n` of the answer `message`."""

    message: int
    n: int
    citations: tuple[Citation, ...]
    moved: bool


def open_source(messages: Sequence[Message]) -> OpenSource | None:
    """The source that was asked for, else the first one of the last answer; None once the panel was closed."""
    chosen = st.session_state.get(_SOURCE)
    if chosen is not None:
        for message in messages:
            if message.id == chosen[0] and (found := _source(message, chosen[1])) is not None:
                return found
    if st.session_state.get(_CLOSED):
        return None
    last = next((message for message in reversed(messages) if message.answer is not None), None)
    return None if last is None else _source(last, None)


def choose_source(message: int, n: int) -> None:
    """Callback: the source of marker `n` of the answer `message` is shown."""
    st.session_state[_SOURCE], st.session_state[_CLOSED] = (message, n), False


def forget_source() -> None:
    """Something else is asked: the source of its answer will be shown."""
    st.session_state.pop(_SOURCE, None)


def show_source_beside(ert: Assistant, messages: Sequence[Message], *, answering: bool) -> None:
    """Draw the panel of the open source. A click on a marker runs nothing but this again, unless ERT is `answering`."""
    # A fragment waits for the run at hand, which lasts as long as an answer takes: then its clicks stop that run.
    show = _show if answering else st.fragment(_show)
    with st.container(key="source-panel"):  # kept in sight by assets/source_request.css
        show(ert, messages, answering=answering)


def _show(ert: Assistant, messages: Sequence[Message], *, answering: bool) -> None:
    source = open_source(messages)
    if source is None:  # closed since the page was drawn
        st.rerun()
    show_source(ert, source.citations, "source", moved=source.moved, answering=answering, on_close=_close)
    shown = {"message": source.message, "n": source.n}
    component(_REQUEST)(key=_REQUEST, data=shown, on_asked_change=_choose_asked)


def _choose_asked() -> None:
    asked = st.session_state[_REQUEST].asked
    choose_source(int(asked["message"]), int(asked["n"]))


def _close() -> None:
    st.session_state[_CLOSED] = True
    st.session_state.pop(_SOURCE, None)


def _source(message: Message, n: int | None) -> OpenSource | None:
    if message.answer is None:
        return None
    cited = grouped(message.answer)
    n = next(iter(cited), None) if n is None else n
    if n is None or n not in cited:
        return None
    return OpenSource(message.id, n, tuple(cited[n]), message.answer.was_moved(n))
