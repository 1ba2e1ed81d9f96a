"""The quality of the search: a self-test in one click, and measures with questions of one's own."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core.ui.errors import errors_shown
from ert_core.ui.language_switch import show_language_switch
from ert_core.ui.other_writer import show_other_writer
from ert_core.ui.quality_questions import show_question_file
from ert_core.ui.quality_self_test import show_self_test
from ert_core.ui.session import assistant, t

with errors_shown():
    ert = assistant()
    show_other_writer(ert)
    with st.sidebar:
        show_language_switch()
    st.title(t("quality.title"))
    st.write(t("quality.intro"))
    if ert.library.store.count():
        show_self_test(ert)
        st.divider()
        show_question_file(ert)
    else:
        st.info(t("quality.empty"), icon=":material/info:")
        st.page_link("documents.py", label=t("quality.add_documents"), icon=":material/folder_open:")
