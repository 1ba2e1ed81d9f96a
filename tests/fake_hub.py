"""A Hugging Face hub on the loopback address, faithful enough for huggingface_hub 2.4's own download code.

It serves one folder as one model repository: repository information, file tree, and files with
ETag, Range and the hub's headers. A transfer can be cut in the middle, once per file.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Files that the real hub keeps in large-file storage, where they are named by SHA-256.
LARGE_SUFFIXES = (".safetensors", ".bin", "tokenizer.json")


@dataclass
class FakeHub:
    """What is served, what goes wrong, and what was asked for."""

    model_id: str
    folder: Path
    endpoint: str = ""
    cut_after: dict[str, int] = field(default_factory=dict)  # file -> bytes sent before the cut, used once
    cut_for_ever: bool = False  # every cut of `cut_after` repeats
    held_after: dict[str, tuple[int, threading.Event]] = field(default_factory=dict)  # file -> bytes sent, go on
    corrupt: set[str] = field(default_factory=set)  # files whose content differs from their hash
    ignore_range: bool = False
    gated: bool = False
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def ranges(self, name: str) -> list[str | None]:
        """The Range header of each GET of a file, in order."""
        return [h.get("range") for method, path, h in self.requests if method == "GET" and path.endswith(f"/{name}")]


@contextmanager
def serve_hub(model_id: str, folder: Path) -> Iterator[FakeHub]:
    """Serve `folder` as `model_id` until the block ends; `hub.endpoint` is its address."""
    hub = FakeHub(model_id, folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def hashes(path: Path) -> tuple[str, str]:
    """(git's SHA-1, SHA-256) of a file."""
    content = path.read_bytes()
    git = hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
    return git, hashlib.sha256(content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self, body: bool) -> None:
        hub, path = self.hub, urlsplit(self.path).path
        hub.requests.append((self.command, path, {k.lower(): v for k, v in self.headers.items()}))
        api = f"/api/models/{hub.model_id}"
        if hub.gated:
            self._json({"error": "gated"}, 403, {"X-Error-Code": "GatedRepo"})
        elif path in (api, f"{api}/revision/main"):
            siblings = [
                {"rfilename": f["path"], "size": f["size"], "blobId": f["oid"]}
                | ({"lfs": {"sha256": f["lfs"]["oid"], "size": f["size"], "pointerSize": 130}} if "lfs" in f else {})
                for f in self._tree()
            ]
            self._json({"id": hub.model_id, "sha": COMMIT, "siblings": siblings})
        elif path.startswith(f"{api}/tree/"):
            self._json(self._tree())
        elif path.startswith(f"/{hub.model_id}/resolve/") and (name := unquote(self._name(path))) in self._names():
            self._file(name, body)
        else:
            self._json({"error": "not found"}, 404, {"X-Error-Code": "RepoNotFound"})

    def _name(self, path: str) -> str:
        """The file of a `/<id>/resolve/<revision>/<file>` address."""
        return path.removeprefix(f"/{self.hub.model_id}/resolve/").partition("/")[2]

    def _names(self) -> list[str]:
        folder = self.hub.folder
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

    def _tree(self) -> list[dict]:
        entries = []
        for name in self._names():
            path = self.hub.folder / name
            git, sha256 = hashes(path)
            entry: dict = {"type": "file", "path": name, "size": path.stat().st_size, "oid": git}
            if name.endswith(LARGE_SUFFIXES):
                entry["lfs"] = {"oid": sha256, "size": entry["size"], "pointerSize": 130}
            entries.append(entry)
        return entries

    def _json(self, content: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def _file(self, name: str, body: bool) -> None:
        hub, path = self.hub, self.hub.folder / name
        git, sha256 = hashes(path)
        data = path.read_bytes()
        if name in hub.corrupt:
            data = bytes([data[0] ^ 1]) + data[1:]
        start = 0
        wanted = self.headers.get("Range")
        if wanted and not hub.ignore_range:
            start = int(wanted.removeprefix("bytes=").split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{sha256 if name.endswith(LARGE_SUFFIXES) else git}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if not body:
            return
        cut = hub.cut_after.get(name) if hub.cut_for_ever else hub.cut_after.pop(name, None)
        if cut is not None:
            self.wfile.write(data[start : start + cut])
            self.wfile.flush()
            self.close_connection = True
            return
        if name in hub.held_after:
            count, go_on = hub.held_after[name]
            self.wfile.write(data[start : start + count])
            self.wfile.flush()
            start += count
            go_on.wait(60)
        with suppress(OSError):  # who asked may have gone
            self.wfile.write(data[start:])
