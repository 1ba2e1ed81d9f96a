"""The frame of every page: navigation, titles in the reader's language."""

import ert_core  # isort: skip  # the thread limits come first

from pathlib import Path

import streamlit as st

import ert_core.ui
from ert_core.ui.oidc import require_oidc_login
from ert_core.ui.session import prepare_language, t

# A file of ours: Streamlit takes the picture of a named icon from the network.
ICON = Path(ert_core.ui.__file__).with_name("icon.svg")

st.set_page_config(page_title="ERT", page_icon=str(ICON), layout="centered")
prepare_language()
require_oidc_login()

page = st.navigation(
    [
        st.Page("chat.py", title=t("page.chat"), icon=":material/forum:", url_path="chat", default=True),
        st.Page("documents.py", title=t("page.documents"), icon=":material/folder_open:", url_path="documents"),
        st.Page("quality.py", title=t("page.quality"), icon=":material/fact_check:", url_path="quality"),
        st.Page("settings.py", title=t("page.settings"), icon=":material/tune:", url_path="settings"),
    ]
)
page.run()
