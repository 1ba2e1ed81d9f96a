"""The chat before the first question: one sentence, a drop zone or questions to begin with."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.suggestions import Suggestion, suggested_questions
from ert_core.ui.ingestion import start_ingestion
from ert_core.ui.markdown import escaped
from ert_core.ui.samples import offer_samples
from ert_core.ui.session import language, t
from ert_core.ui.uploads import chosen_files


def show_empty_chat(ert: Assistant, on_suggestion: Callable[[str], None]) -> None:
    """Draw it. `on_suggestion` is called with the question that was clicked, before the next run of the page."""
    has_documents = ert.library.store.count() > 0
    st.title(t("chat.title"))
    st.write(t("chat.welcome") if has_documents else t("chat.welcome_empty"))
    if not has_documents:
        files = chosen_files(ert)
        if files:
            start_ingestion(ert, files)
            st.rerun()  # draws the drop zone anew, empty
        offer_samples(ert)
        return
    for number, (heading, question) in enumerate(_suggested(ert, ert.database.generation(), language())):
        icon, key = ":material/lightbulb:", f"suggested-{number}"
        # "Sea water?" on a button would look like a mistake.
        st.button(escaped(heading), icon=icon, key=key, on_click=on_suggestion, args=(question,))


@st.cache_data(max_entries=4, show_spinner=False)
def _suggested(_ert: Assistant, generation: int, reader: str) -> list[Suggestion]:
    """Of the documents at one generation of the database."""
    return suggested_questions(_ert.library.store, reader=reader)
