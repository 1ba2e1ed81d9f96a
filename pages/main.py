"""The frame of every page: navigation, titles in the reader's language."""

import ert_core  # isort: skip  # the thread limits come first

from pathlib import Path

import streamlit as st

import ert_core.ui
from ert_core.ui.oidc import require_oidc_login
from ert_core.ui.page_frame import show_page_frame
from ert_core.ui.script_runs import begin_run
from ert_core.ui.server import PAGES
from ert_core.ui.session import prepare_language, t

# The chat has the source beside its answers.
WIDE = ("", "chat")
DROP_ZONES = (*WIDE, "documents", "quality")
# A file of ours: Streamlit takes the picture of a named icon from the network.
ICON = Path(ert_core.ui.__file__).with_name("icon.svg")

st.set_page_config(page_title="ERT", page_icon=str(ICON))  # before the pages: their icons come from the network
prepare_language()
require_oidc_login()

page = st.navigation(
    [
        st.Page("chat.py", title=t("page.chat"), icon=":material/forum:", url_path="chat", default=True),
        st.Page("documents.py", title=t("page.documents"), icon=":material/folder_open:", url_path="documents"),
        st.Page("document.py", title=t("page.document"), url_path="document", visibility="hidden"),
        st.Page("quality.py", title=t("page.quality"), icon=":material/fact_check:", url_path="quality"),
        st.Page("monitor.py", title=t("page.monitor"), icon=":material/monitoring:", url_path="monitor"),
        st.Page("settings.py", title=t("page.settings"), icon=":material/tune:", url_path="settings"),
    ]
)
layout = "wide" if page.url_path in WIDE else "centered"
st.set_page_config(page_title=t("page.window", page=page.title), layout=layout)
begin_run(chat=page.url_path in WIDE)
show_page_frame(PAGES, at_once=page.url_path == "settings", drop_zone=page.url_path in DROP_ZONES)
page.run()
