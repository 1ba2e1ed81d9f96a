"""The page of an ERT that only reads, because another writes in its data directory."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.errors import DatabaseError
from ert_core.ui.errors import show_error
from ert_core.ui.markdown import escaped
from ert_core.ui.session import t

# Looked at only while another writes.
REFRESH_SECONDS = 2.0


def show_other_writer(ert: Assistant) -> bool:
    """Say who else writes, if any, until it ends, or why nothing can be saved; whether these pages only read."""
    try:
        if ert.other_writer() is None:
            return False
    except DatabaseError as error:
        show_error(error)
        return True
    _wait_for_its_end(ert)
    return True


@st.fragment(run_every=REFRESH_SECONDS)
def _wait_for_its_end(ert: Assistant) -> None:
    writer = ert.other_writer()
    if writer is None:
        ert.take_over()
        st.rerun()
    told = t("other_writer", program=escaped(writer.program), pid=writer.pid, since=escaped(writer.since))
    st.info(told, icon=":material/lock:")
