"""The question box, with files and the documents that are asked."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.errors import ErtError
from ert_core.types import Source
from ert_core.ui.chat_scope import chosen_scope, show_scope
from ert_core.ui.errors import show_error
from ert_core.ui.ingestion import leave_told, start_ingestion
from ert_core.ui.markdown import escaped_lines
from ert_core.ui.session import language, open_conversation, t
from ert_core.ui.source_beside import forget_source
from ert_core.ui.turns import in_sight, turn_of

# Characters shown of a question that cannot be asked.
MOST_SHOWN = 20_000
# Pixels: lines much longer than this are hard to read.
READING_WIDTH = 760
_BOX, _SUGGESTED, _UNSEEN = "question", "suggested", "unseen-question"


@dataclass(frozen=True)
class Refused:
    """A question that cannot be asked, and why."""

    question: str
    error: ErtError
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def suggest(question: str) -> None:
    """Callback: the next run asks it."""
    st.session_state[_SUGGESTED] = question


def ask_typed(ert: Assistant, conversation: str | None) -> Refused | None:
    """Ask what was typed, or suggested, before the page is drawn: a stop in the midst of it loses no question."""
    given = st.session_state.pop(_UNSEEN, None) or st.session_state.get(_BOX)
    question = st.session_state.pop(_SUGGESTED, None) or (given.text if given else "")
    sources = [Source(file.name, content=file.getvalue()) for file in given.files] if given else []
    if sources and not question.strip():
        start_ingestion(ert, sources)
        return None
    if not question:
        return None
    forget_source()
    try:
        ert.asking.checked(question) if sources else ert.asking.answerable(question)  # before a conversation is opened
        conversation = conversation or open_conversation(ert, question)
        ert.start_answer(question, conversation, language=language(), scope=chosen_scope(ert), sources=sources)
        leave_told()
    except ErtError as error:
        return Refused(question, error)
    return None


def show_box(ert: Assistant, refused: Refused | None, *, reading: bool, answering: bool) -> None:
    """Draw the box, and above it what could not be asked: the box is empty by then, what was typed is not lost."""
    if refused is not None:
        with turn_of("user"):
            st.markdown(escaped_lines(refused.question[:MOST_SHOWN]))
        with in_sight(f"refusal-{refused.id}"):
            show_error(refused.error)
    with st.bottom, st.container(horizontal_alignment="center"), st.container(width=READING_WIDTH, gap="xsmall"):
        show_scope(ert, answering=answering)
        known = _BOX in st.session_state
        # No max_chars: the browser would drop a longer text without a word.
        given = st.chat_input(
            t("chat.placeholder"),
            key=_BOX,
            accept_file="multiple",
            max_upload_size=ert.settings.max_file_mb,
            submit_mode="stop",
            disabled=reading,
        )
    if given and not known:  # asked on a page that outlived its server: this session has not seen its box before
        st.session_state[_UNSEEN] = given
        st.rerun()
