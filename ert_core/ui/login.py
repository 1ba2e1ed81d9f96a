"""A password before anything is shown, where ERT answers other machines. ASGI middleware.

On the loopback address nothing is asked unless `ERT_PASSWORD` is set. Anywhere else one of three is required:
the password, Streamlit's own OIDC login (an `[auth]` section in `.streamlit/secrets.toml`, asked for by
`pages/main.py`), or `ERT_OPEN=1`, which says that everybody on the network is trusted.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import ipaddress
import os
import secrets
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ert_core.locale import best_language, text
from ert_core.ui.refusals import page, refuse

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "ert_login"
# Below `server.baseUrlPath`. A container's health check shows nothing of anybody.
_LOGIN, _HEALTH = "/login", "/_stcore/health"
# A server in front of this one passes on what others ask.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
SESSION_SECONDS = 12 * 3600
FREE_TRIES = 5
LONGEST_WAIT_SECONDS = 60
_FORGOTTEN_SECONDS = 600
_MOST_KEPT = 1000
_MOST_BYTES = 65_536
# Of all clients together in a minute: who changes addresses is slowed down, too.
MOST_FAILURES_A_MINUTE = 60


def is_loopback(address: str | None) -> bool:
    """Whether only this machine reaches `address`; None and "" are all addresses."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def oidc_configured() -> bool:
    """Whether Streamlit's own login is set up."""
    from streamlit.runtime.secrets import secrets_singleton

    return bool(secrets_singleton.load_if_toml_exists() and secrets_singleton.get("auth"))


class Throttle:
    """Slows down who tries passwords: some tries free, then each failure doubles the wait. Thread-safe.

    Whoever shares an address (a network behind one, a proxy that names no clients) shares the wait.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[str, tuple[int, float]] = {}  # by network: how many, when the last one was
        self._lately: list[float] = []  # when the last ones of all were

    def wait(self, client: str) -> float:
        """Seconds until this client may try again; 0 for now."""
        with self._lock:
            now = self._clock()
            self._lately = [at for at in self._lately if now - at < 60]
            crowd = self._lately[0] + 60 - now if len(self._lately) >= MOST_FAILURES_A_MINUTE else 0.0
            count, last = self._failures.get(_network(client), (0, 0.0))
            if count < FREE_TRIES:
                return crowd
            return max(crowd, last + min(2.0 ** (count - FREE_TRIES), LONGEST_WAIT_SECONDS) - now)

    def failed(self, client: str) -> None:
        """Count a failure."""
        with self._lock:
            now = self._clock()
            kept = [(c, f) for c, f in self._failures.items() if now - f[1] < _FORGOTTEN_SECONDS]
            self._failures = dict(kept[-_MOST_KEPT:])
            self._lately.append(now)
            count = self._failures.pop(_network(client), (0, 0.0))[0]
            self._failures[_network(client)] = (count + 1, now)

    def succeeded(self, client: str) -> None:
        """Forget the failures of a client."""
        with self._lock:
            self._failures.pop(_network(client), None)


def _network(client: str) -> str:
    """The address, of IPv6 the network that one subscriber has (RFC 6177)."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return client if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


class Login:
    """ASGI middleware. Who has given the password holds a random cookie, known to this process only."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._throttle = Throttle(clock)
        self._sessions: dict[str, float] = {}  # the digest of a cookie, when it ends

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] == _below(_HEALTH):
            await self._app(scope, receive, send)
            return
        from starlette.requests import HTTPConnection, Request

        password = os.environ.get("ERT_PASSWORD", "")
        connection = HTTPConnection(scope)
        language = best_language(connection.headers.get("accept-language"))
        if not password:
            if _exposed(connection) and os.environ.get("ERT_OPEN") != "1" and not oidc_configured():
                await refuse(scope, receive, send, 403, text("access.no_password", language), language)
            else:
                await self._app(scope, receive, send)
        elif self._is_known(connection.cookies.get(COOKIE)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await refuse(scope, receive, send, 403, "", language)
        elif scope["path"] == _below(_LOGIN) and scope["method"] == "POST":
            answer = await self._try(Request(scope, receive), password, language)
            await answer(scope, receive, send)
        else:
            query = f"?{connection.url.query}" if connection.url.query else ""
            await _form(scope["path"] + query, language)(scope, receive, send)

    async def _try(self, request: Request, password: str, language: str) -> Response:
        from starlette.responses import RedirectResponse

        client = request.client.host if request.client else ""
        fields = parse_qs((await _body(request)).decode("utf-8", "replace"), errors="surrogateescape")
        next_path = fields.get("next", ["/"])[0]
        wait = self._throttle.wait(client)
        if wait > 0:
            return _form(next_path, language, text("access.wait", language, seconds=int(wait) + 1), 429, wait)
        if not _equal(fields.get("password", [""])[0], password):
            self._throttle.failed(client)
            return _form(next_path, language, text("access.wrong", language), 401)
        self._throttle.succeeded(client)
        token = secrets.token_urlsafe(32)
        now = self._clock()
        self._sessions = {t: end for t, end in self._sessions.items() if end > now}
        self._sessions[_digest(token)] = now + SESSION_SECONDS
        answer = RedirectResponse(_own_path(next_path), 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)
        return answer

    def _is_known(self, token: str | None) -> bool:
        return token is not None and self._sessions.get(_digest(token), 0.0) > self._clock()


def _exposed(connection: HTTPConnection) -> bool:
    """Whether other machines may reach this server by the way that a request came."""
    from streamlit import config

    server, client = connection.scope.get("server"), connection.client
    ends = (config.get_option("server.address"), server and server[0], client and client.host)
    return not all(is_loopback(end) for end in ends) or any(name in connection.headers for name in _FORWARDED)


def _below(path: str) -> str:
    """A path of this server, below the one it is told to be under."""
    from streamlit import config

    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


def _form(next_path: str, language: str, told: str = "", status: int = 401, wait: float = 0.0) -> Response:
    from starlette.responses import HTMLResponse

    alert = f"<p role=alert>{html.escape(told)}</p>" if told else ""
    body = (
        f'{alert}<form method="post" action="{html.escape(_below(_LOGIN), quote=True)}">'
        f'<label for="password">{html.escape(text("access.password", language))}</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>'
        f'<input name="next" type="hidden" value="{html.escape(_own_path(next_path), quote=True)}">'
        f"<button>{html.escape(text('access.enter', language))}</button></form>"
    )
    headers = {"Cache-Control": "no-store", **({"Retry-After": str(int(wait) + 1)} if wait else {})}
    return HTMLResponse(page(body, language), status, headers)


async def _body(request: Request) -> bytes:
    """The body of a login, cut where no login is so long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            break
    return body[:_MOST_BYTES]


def _own_path(path: str) -> str:
    """`path` when it leads to a page of this server, else its first page."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if own and path.partition("?")[0] != _below(_LOGIN) else _below("/")


def _equal(given: str, password: str) -> bool:
    """In a time that depends on neither."""
    digests = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in (given, password))
    return hmac.compare_digest(*digests)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
