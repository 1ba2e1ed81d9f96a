"""The settings, each with its range, default and cost; changed at once, and taken back by one button."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core import __version__
from ert_core.ui.errors import errors_shown
from ert_core.ui.general_settings import show_answer_settings, show_fine_settings, show_interface_settings
from ert_core.ui.language_switch import show_language_switch
from ert_core.ui.machine_settings import show_machine_settings
from ert_core.ui.model_settings import show_model_settings
from ert_core.ui.other_writer import show_other_writer
from ert_core.ui.search_settings import show_search_settings
from ert_core.ui.session import assistant, t
from ert_core.ui.settings_undo import show_undo

# The model first: the chat sends people here to choose one.
SECTIONS = (
    ("settings.model", show_model_settings),
    ("settings.answers", show_answer_settings),
    ("search_model.section", show_search_settings),
    ("settings.machine", show_machine_settings),
    ("settings.interface", show_interface_settings),
    ("settings.fine", show_fine_settings),
)

with errors_shown():
    ert = assistant()
    show_other_writer(ert)
    with st.sidebar:
        show_language_switch()
    st.title(t("settings.title"))
    st.write(t("settings.intro"))
    for title, show in SECTIONS:
        st.subheader(t(title))
        with st.container(border=True), errors_shown():
            show(ert)
    st.caption(t("about", version=__version__))
    show_undo(ert)
