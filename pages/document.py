"""One document, named in the address (?d=...): facts, text, passages, where it was cited."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core.ui.document_page import show_document
from ert_core.ui.errors import errors_shown
from ert_core.ui.language_switch import show_language_switch
from ert_core.ui.other_writer import show_other_writer
from ert_core.ui.session import assistant, t

with errors_shown():
    ert = assistant()
    show_other_writer(ert)
    with st.sidebar:
        show_language_switch()
    st.page_link("documents.py", label=t("document.all"), icon=":material/arrow_back:")
    document = ert.library.store.document(st.query_params.get("d", ""))
    if document is None:
        st.info(t("document.gone"), icon=":material/info:")
    else:
        show_document(ert, document)
