"""Pages of other sites, names pointed at this machine, other interfaces: none reaches the pages."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.browser import Server, running_server
from tests.raw_http import asked, opened_socket
from trials.trial import Trial

ORIGINS = (
    "https://evil.example",
    "null",
    "http://localhost:9999",
    "http://127.0.0.1:1",
    "chrome-extension://abc",
    "file://",
)
HOSTS = ("evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1:8508", "[::2]", "ert.local")
UPLOADS = ("PUT", "POST", "DELETE", "OPTIONS")
# The broken step: a server without what ERT puts before Streamlit.
_UNGUARDED = """
from ert_core.ui.login import Login
from ert_core.ui.origins import Origins
from streamlit.web.cli import main

async def through(self, scope, receive, send):
    await self._app(scope, receive, send)

Login.__call__ = Origins.__call__ = through
main(prog_name="streamlit")
"""


def refused(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """`count` attempts, the kinds in turn."""
    failures: list[str] = []
    command = ("-c", _UNGUARDED) if broken else ("-m", "streamlit")
    # Another interface: ERT answers on all of them, and asks for a password that was not set.
    with (
        running_server(folder / "one", command=command) as server,
        running_server(folder / "two", "--server.address=0.0.0.0", command=command) as open_to_all,
    ):
        kinds: list[Callable[[], tuple[str, int]]] = [
            lambda: _origin(server, rng),
            lambda: _host(server, rng),
            lambda: _upload(server, rng),
            lambda: _interface(open_to_all, rng),
        ]
        for number in range(count):
            what, status = kinds[number % len(kinds)]()
            if status not in (400, 403):
                failures.append(f"try {number}, {what}: answered {status}")
    return failures


def _origin(server: Server, rng: random.Random) -> tuple[str, int]:
    origin = rng.choice(ORIGINS)
    return f"WebSocket from {origin}", opened_socket(server, Origin=origin)


def _host(server: Server, rng: random.Random) -> tuple[str, int]:
    host = rng.choice(HOSTS)
    path = rng.choice(("/", "/documents", "/api/health", "/_stcore/host-config"))
    return f"{path} under {host}", asked(server, path, Host=host).status


def _upload(server: Server, rng: random.Random) -> tuple[str, int]:
    origin, method = rng.choice(ORIGINS), rng.choice(UPLOADS)
    address = "/_stcore/upload_file/session/file"
    return f"{method} {address} from {origin}", asked(server, address, method, "x", Origin=origin).status


def _interface(server: Server, rng: random.Random) -> tuple[str, int]:
    addresses = [a.address for found in psutil.net_if_addrs().values() for a in found if a.family == socket.AF_INET]
    address = rng.choice(addresses)
    name = rng.choice(("localhost", address))
    return f"{address} under {name}", asked(server, "/", address=address, Host=name).status


TRIALS = [
    Trial(
        "strangers",
        "foreign origin on the WebSocket, foreign host, cross-site upload, other interface",
        20,
        "all refused",
        refused,
        "a server without ERT's middleware",
        4,
        short=8,
    )
]
