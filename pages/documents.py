"""The documents: add, follow folders, list, keep in collections, delete."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core.ui.document_table import show_documents
from ert_core.ui.errors import errors_shown
from ert_core.ui.folders import show_folders
from ert_core.ui.ingestion import follow_ingestion, start_ingestion
from ert_core.ui.language_switch import show_language_switch
from ert_core.ui.other_writer import show_other_writer
from ert_core.ui.samples import offer_samples
from ert_core.ui.session import assistant, t
from ert_core.ui.uploads import chosen_files

with errors_shown():
    ert = assistant()
    show_other_writer(ert)
    with st.sidebar:
        show_language_switch()
    st.title(t("documents.title"))
    files = chosen_files(ert)
    if files:
        start_ingestion(ert, files)
        st.rerun()  # draws the drop zone anew, empty
    if not ert.library.store.count():
        offer_samples(ert)
    show_folders(ert)
    follow_ingestion(ert)
    show_documents(ert)
