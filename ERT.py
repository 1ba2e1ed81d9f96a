"""The server's entrance: `streamlit run ERT.py` runs this file once, before any page.

The thread limits are set by the first import, before a numeric library can load.
"""

import ert_core  # isort: skip  # noqa: F401  # the thread limits come first

import streamlit as st
from starlette.middleware import Middleware

from ert_core.ui.login import Login
from ert_core.ui.origins import Origins
from ert_core.ui.security import SecurityHeaders
from ert_core.ui.server import health_route, lifespan, probe_routes, show_unexpected_error

app = st.App(
    "pages/main.py",
    lifespan=lifespan,
    routes=[health_route(), *probe_routes()],
    middleware=[Middleware(SecurityHeaders), Middleware(Origins), Middleware(Login)],
    on_script_error=show_unexpected_error,
)
