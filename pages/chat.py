"""The chat: a question, its streamed answer, and under it the sources."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core.errors import ErtError
from ert_core.ui.answers import show_answer
from ert_core.ui.chat_sidebar import show_chat_sidebar
from ert_core.ui.errors import errors_shown, show_error
from ert_core.ui.ingestion import follow_ingestion
from ert_core.ui.live_answer import follow_answer
from ert_core.ui.markdown import escaped_lines
from ert_core.ui.other_writer import show_other_writer
from ert_core.ui.samples import offer_samples
from ert_core.ui.session import assistant, conversation_id, language, open_conversation, t

# Characters shown of a question that cannot be asked.
MOST_SHOWN = 20_000

with errors_shown():
    ert = assistant()
    reading = show_other_writer(ert)
    show_chat_sidebar(ert)
    current = conversation_id(ert)
    running = ert.running_answer(current) if current else None  # looked up first: it may end while messages are read
    messages = ert.conversations.messages(current) if current else []
    has_documents = ert.library.store.count() > 0

    if not messages:
        st.title(t("chat.title"))
        st.write(t("chat.welcome") if has_documents else t("chat.welcome_empty"))

    for number, message in enumerate(messages):
        with st.chat_message(message.role):
            if message.answer is None:
                st.markdown(escaped_lines(message.text))
            else:
                show_answer(ert, message.answer, key=f"{current}-{number}")

    if not has_documents:
        st.page_link("documents.py", label=t("chat.add_documents"), icon=":material/folder_open:")
        offer_samples(ert)
    if not messages or not has_documents:
        follow_ingestion(ert)

    refused = bool(messages) and messages[-1].answer is not None and messages[-1].answer.refused
    anyway = f"anyway-{current}-{len(messages)}"
    if current and refused and not reading and st.button(t("chat.anyway"), icon=":material/priority_high:", key=anyway):
        ert.start_answer(messages[-2].text, current, language=language(), anyway=True)
        st.rerun()

    # No max_chars: the browser would drop a longer text without a word.
    question = st.chat_input(t("chat.placeholder"), key="question", submit_mode="stop", disabled=reading)
    if question:
        try:
            current = current or open_conversation(ert, question)
            job = ert.start_answer(question, current, language=language())
        except ErtError as error:
            with st.chat_message("user"):  # the box is empty by now: what was typed is not lost
                st.markdown(escaped_lines(question[:MOST_SHOWN]))
            show_error(error)
        else:
            with st.chat_message("user"):
                st.markdown(escaped_lines(question))
            follow_answer(ert, job)
            st.rerun()
    elif running is not None:
        follow_answer(ert, running)
        st.rerun()
