"""Requests with any header: what a browser would not let a test send."""

from __future__ import annotations

import http.client
import urllib.parse
from typing import NamedTuple

from tests.browser import Server

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "streamlit",
}


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


def asked(
    server: Server, path: str = "/", method: str = "GET", body: str = "", address: str = "", **headers: str
) -> Reply:
    """One request, its headers as they are given (`_` for `-`)."""
    port = urllib.parse.urlsplit(server.url).port
    connection = http.client.HTTPConnection(address or "127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body or None, {n.replace("_", "-"): v for n, v in headers.items()})
        answer = connection.getresponse()
        text = "" if answer.status == 101 else answer.read().decode("utf-8", "replace")
        return Reply(answer.status, {n.lower(): v for n, v in answer.getheaders()}, text)
    finally:
        connection.close()


def opened_socket(server: Server, **headers: str) -> int:
    """The status of the page's WebSocket: 101 when it is opened."""
    return asked(server, "/_stcore/stream", **{n.replace("-", "_"): v for n, v in UPGRADE.items()}, **headers).status
