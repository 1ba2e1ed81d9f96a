"""Which names and which pages may reach the server: its own. ASGI middleware before everything of Streamlit.

Streamlit looks at the `Host` of the WebSocket only, allows pages of every port of this machine, and asks an address on
the internet for its own when the page of another site tries. A name that a foreign site points at this machine (DNS
rebinding) is refused here for every request, and so is what a page of another origin sends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ert_core.locale import best_language, text
from ert_core.ui.refusals import refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PORT = re.compile(r":\d+$")


def ask_nobody_for_our_address() -> None:
    """Streamlit believes it knows the addresses of this machine already, of which it asks others: "" is nobody's."""
    from streamlit import net_util

    net_util._external_ip = net_util._internal_ip = ""


def is_own_origin(origin: str | None, host: str | None, allowed: set[str]) -> bool:
    """Whether a request comes from a page of this server, or from a program (which sends no origin)."""
    if origin is None or origin in allowed:
        return True
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:  # "http://["
        return False


class Origins:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        ask_nobody_for_our_address()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            from starlette.datastructures import Headers
            from streamlit.web.server.server_util import allowlisted_origins
            from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

            headers = Headers(scope=scope)
            host, origin = headers.get("host"), headers.get("origin")
            language = best_language(headers.get("accept-language"))
            if not is_host_allowed(host):
                name = _PORT.sub("", host or "–")[:200]
                await refuse(scope, receive, send, 403, text("access.host", language, name=name), language)
                return
            if not is_own_origin(origin, host, allowlisted_origins()):
                await refuse(scope, receive, send, 403, text("access.origin", language), language)
                return
        await self._app(scope, receive, send)
