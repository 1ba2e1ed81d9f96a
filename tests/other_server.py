"""Another server of this machine, which a page of ERT must not reach."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def other_server(*, connections: bool) -> Iterator[tuple[int, list[str]]]:
    """Its port, and the paths that it was asked for; with `connections`, each connection too.

    Chromium may connect without asking: hence threads.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_: Any) -> None:
            return

    class Counting(ThreadingHTTPServer):
        def verify_request(self, *_: Any) -> bool:
            if connections:
                asked.append("a connection")
            return True

    with Counting(("127.0.0.1", 0), Handler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            yield other.server_port, asked
        finally:
            other.shutdown()
            thread.join()
