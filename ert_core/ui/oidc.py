"""Streamlit's own login, where `.streamlit/secrets.toml` sets it up (https://docs.streamlit.io/develop/concepts/connections/authentication)."""

from __future__ import annotations

import streamlit as st

from ert_core.ui.login import oidc_configured
from ert_core.ui.session import t


def require_oidc_login() -> None:
    """Show nothing but the way in to who has not signed in."""
    if oidc_configured() and not st.user.is_logged_in:
        st.title("ERT")
        st.write(t("access.login"))
        st.button(t("access.login_button"), icon=":material/login:", type="primary", on_click=st.login)
        st.stop()
