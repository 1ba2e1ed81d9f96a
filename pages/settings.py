"""The settings: language model, search model, CPU budget, GPU mode, threads and the length of answers."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core.ui.errors import errors_shown
from ert_core.ui.language_switch import show_language_switch
from ert_core.ui.machine_settings import show_machine_settings
from ert_core.ui.model_settings import show_model_settings
from ert_core.ui.other_writer import show_other_writer
from ert_core.ui.search_settings import show_search_settings
from ert_core.ui.session import assistant, t

with errors_shown():
    ert = assistant()
    show_other_writer(ert)
    with st.sidebar:
        show_language_switch()
    st.title(t("settings.title"))
    show_model_settings(ert)
    show_search_settings(ert)
    show_machine_settings(ert)
