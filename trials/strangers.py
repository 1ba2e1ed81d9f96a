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
# The broken step: everybody is let in by ERT, and by Streamlit.
_OPEN = ("--server.enableCORS=false", "--server.enableXsrfProtection=false", "--server.allowedHosts=*")


def refused(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """`count` attempts, the kinds in turn; what Streamlit alone lets through with all its doors open is the control."""
    failures: list[str] = []
    # Another interface: ERT answers on all of them, and asks for a password that was not set.
    with (
        running_server(folder / "one", *(_OPEN if broken else ())) as server,
        running_server(folder / "two", "--server.address=0.0.0.0", ERT_OPEN="1" if broken else "0") as open_to_all,
    ):
        kinds: list[Callable[[], tuple[str, int]]] = [
            lambda: _origin(server, rng, broken),
            lambda: _host(server, rng),
            lambda: _upload(server, rng, broken),
            lambda: _interface(open_to_all, rng),
        ]
        for number in range(count):
            what, status = kinds[number % len(kinds)]()
            if status not in (400, 403):
                failures.append(f"try {number}, {what}: answered {status}")
    return failures


def _origin(server: Server, rng: random.Random, broken: bool) -> tuple[str, int]:
    origin = server.url if broken else rng.choice(ORIGINS)
    return f"WebSocket from {origin}", opened_socket(server, Origin=origin)


def _host(server: Server, rng: random.Random) -> tuple[str, int]:
    host = rng.choice(HOSTS)
    path = rng.choice(("/", "/documents", "/api/health", "/_stcore/host-config"))
    return f"{path} under {host}", asked(server, path, Host=host).status


def _upload(server: Server, rng: random.Random, broken: bool) -> tuple[str, int]:
    origin, method = server.url if broken else rng.choice(ORIGINS), rng.choice(UPLOADS)
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
        "ERT is told to trust all, and asked by its own page",
        4,
        short=8,
    )
]
