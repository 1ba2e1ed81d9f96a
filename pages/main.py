"""The frame of every page: navigation, titles in the reader's language."""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st

from ert_core.ui.session import prepare_language, t

st.set_page_config(page_title="ERT", page_icon=":material/stacks:", layout="centered")
prepare_language()

page = st.navigation(
    [
        st.Page("chat.py", title=t("page.chat"), icon=":material/forum:", url_path="chat", default=True),
        st.Page("documents.py", title=t("page.documents"), icon=":material/folder_open:", url_path="documents"),
        st.Page("settings.py", title=t("page.settings"), icon=":material/tune:", url_path="settings"),
    ]
)
page.run()
