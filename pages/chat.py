"""The chat: conversations, a question, its streamed answer, and the source beside it."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core.ui.chat_empty import show_empty_chat
from ert_core.ui.chat_input import READING_WIDTH, ask_typed, show_box, suggest
from ert_core.ui.chat_messages import messages_shown, show_messages
from ert_core.ui.chat_sidebar import show_chat_sidebar
from ert_core.ui.errors import errors_shown
from ert_core.ui.ingestion import follow_in_chat
from ert_core.ui.live_answer import follow_answer, watched
from ert_core.ui.other_writer import show_other_writer
from ert_core.ui.session import assistant, conversation_id
from ert_core.ui.source_beside import open_source, show_source_beside

with errors_shown():
    ert = assistant()
    reading = show_other_writer(ert)
    refused = ask_typed(ert, conversation_id(ert))
    current = conversation_id(ert)
    running = ert.running_answer(current) if current else None  # looked up first: it may end while messages are read
    answering = running is not None
    with watched(running):
        turns = st.container()
        adding = st.container(horizontal_alignment="center").container(width=READING_WIDTH)
        with errors_shown():  # a damaged turn leaves the sidebar and the box
            messages = messages_shown(ert, current) if current else []
            source = open_source(messages)
            with turns:
                if source is None:
                    turns = st.container(horizontal_alignment="center").container(width=READING_WIDTH)
                else:
                    turns, beside = st.columns([6, 5], gap="medium")
                    with beside:  # before the turns: these last as long as an answer takes
                        show_source_beside(ert, messages, answering=answering)
            with turns:
                if current is not None and messages:
                    st.empty()  # in the place of the empty chat, which would stand under an answer until that ends
                    show_messages(ert, current, messages, settled=not reading and not answering)
                else:
                    with st.container():
                        show_empty_chat(ert, suggest)
        # After what a click in the conversation changes.
        show_chat_sidebar(ert, reading=reading, answering=answering)
        with adding:  # a place of its own: where turns come before it, it would stand there twice until the answer ends
            follow_in_chat(ert, answering=running is not None and not running.done)  # else an error is shown
        with turns:
            show_box(ert, refused, reading=reading, answering=answering)
            # In the run of the click: in the next one the box would not show its Stop button.
            finished = running is not None and follow_answer(ert, running)
    if finished:
        st.rerun()
