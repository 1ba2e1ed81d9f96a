"""The monitor: what ERT and the machine use now, and what the last answers have cost."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core.ui.errors import errors_shown
from ert_core.ui.language_switch import show_language_switch
from ert_core.ui.monitor_answers import show_last_answers
from ert_core.ui.monitor_live import show_live_figures
from ert_core.ui.other_writer import show_other_writer
from ert_core.ui.session import assistant, t

with errors_shown():
    ert = assistant()
    show_other_writer(ert)
    with st.sidebar:
        show_language_switch()
    st.title(t("monitor.title"))
    newest = ert.answer_history.newest()
    show_live_figures(ert, newest)
    show_last_answers(ert, newest)
