"""The drop zone."""

from __future__ import annotations

import streamlit as st

from ert_core.assistant import Assistant
from ert_core.library import MEGABYTE
from ert_core.types import Source
from ert_core.ui.formats import size
from ert_core.ui.session import t

_ROUND = "upload_round"


def chosen_files(ert: Assistant) -> list[Source]:
    """The files given since the last run; the drop zone is empty again at the next one.

    Every format is accepted here: the report of a file says when ERT cannot read it, in the
    reader's language. A password typed for protected PDFs goes with all files.
    """
    current = st.session_state.setdefault(_ROUND, 0)
    files = st.file_uploader(
        t("documents.drop", size=size(ert.settings.max_file_mb * MEGABYTE)),
        accept_multiple_files=True,
        max_upload_size=ert.settings.max_file_mb,
        key=f"files-{current}",
        help=t("documents.formats"),
    )
    with st.popover(t("documents.password_title"), icon=":material/key:", type="tertiary"):
        password = st.text_input(t("documents.password"), type="password", key="pdf_password")
    if not files:
        return []
    st.session_state[_ROUND] = current + 1
    return [Source(file.name, content=file.getvalue(), password=password or None) for file in files]
