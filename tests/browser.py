"""A real server and a real Chromium for the tests of the pages."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
# The browsers that a journey is made with, where the words differ.
LOCALES = ("fr-FR", "en-GB")
# For long journeys: the second of them is left to `make test-thorough`.
SECOND_THOROUGHLY = (LOCALES[0], pytest.param(LOCALES[1], marks=pytest.mark.thorough))
# What a page may take on a machine that is busy with other things.
SECONDS = 120
# SLOW_BROWSER=6 slows the pages' scripts six times: a test that looks too early is likelier to fail then.
SLOWNESS = float(os.environ.get("SLOW_BROWSER", "1"))
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]


def chromium() -> str | None:
    """The Chromium to drive: ERT_CHROMIUM, else the system's."""
    named = os.environ.get("ERT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return named if named and Path(named).exists() else None


# For the modules that drive the pages: skipped in words without a Chromium, unless the browser is required.
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("ERT_REQUIRE_BROWSER"),
        reason="no Chromium: install it or name it in ERT_CHROMIUM to test the pages",
    ),
]


@contextmanager
def launched_chromium() -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Server:
    """A running ERT."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/api/health", timeout=5) as response:
            return dict(json.load(response))


@cache
def _compiled() -> Path:
    """Where all servers keep what the language model's step is compiled to: each would compile for ten seconds."""
    folder = Path(tempfile.mkdtemp(prefix="ert-tests-compiled-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def running_server(
    home: Path,
    *arguments: str,
    command: Sequence[str] = ("-m", "streamlit"),
    script: str | Path = "ERT.py",
    port: int = 0,
    **variables: str,
) -> Iterator[Server]:
    """`streamlit run ERT.py`, or another `script`, with further `arguments`, and its own data directory.

    `port` 0 is a free one; `command` is how Python is told to run Streamlit; `variables` are the environment's.
    """
    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "compiled").exists():
        (home / "compiled").symlink_to(_compiled(), target_is_directory=True)
    log = home / "server.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ERT_", "OMP_", "MKL_", "NUMEXPR_"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                *command,
                "run",
                str(script),
                f"--server.port={port}",
                "--server.headless=true",
                *arguments,
            ],
            cwd=REPOSITORY,
            env={**environment, "ERT_HOME": str(home), **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_up(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(server: Server) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5):  # asks for no password
                return
        except urllib.error.HTTPError:  # this name is not one of its own: it is up
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{server.log.read_text(errors='replace')}")


@dataclass
class Visit:
    """One page open in Chromium.

    `foreign`: every address outside the server that it asked for, and what its policy refused; `errors`: those of its
    console.
    """

    page: Any
    server: Server
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> Any:
        self.page.goto(f"{self.server.url}/{path}")
        self.page.get_by_test_id("stAppViewContainer").wait_for()
        return self.page

    def ask(self, question: str) -> None:
        box = self.page.get_by_test_id("stChatInputTextArea")
        box.fill(question)
        box.press("Enter")

    def forgive(self, *said: str) -> None:
        """Leave those of the console's errors out that a journey brings about, each told by a part of its words."""
        self.errors[:] = [error for error in self.errors if not any(part in error for part in said)]

    def text(self) -> str:
        return str(self.page.get_by_test_id("stApp").inner_text())


@contextmanager
def visiting(browser: Any, server: Server, locale: str = "fr-FR", **context_options: Any) -> Iterator[Visit]:
    """A fresh browser profile on `server`; no page may fail, and at the end no error stands in it or in its console."""
    context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900}, **context_options)
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    if SLOWNESS > 1:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWNESS})
    visit = Visit(page, server)
    said_before = server.log.stat().st_size

    def note(request: Any) -> None:
        if not request.url.startswith((server.url, "data:", "blob:")):
            visit.foreign.append(request.url)

    def said(message: Any) -> None:
        if "Content Security Policy" in message.text:
            visit.foreign.append(message.text)
        elif message.type == "error":
            visit.errors.append(f"{message.text} {message.location}")

    page.on("request", note)
    page.on("console", said)
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    try:
        yield visit
        assert not visit.errors, "\n".join(visit.errors)
        said_since = server.log.read_bytes()[said_before:]
        assert b"a page failed" not in said_since, said_since.decode(errors="replace")  # it shows one plain sentence
        assert page.is_closed() or not page.get_by_test_id("stException").count(), visit.text()
    finally:
        context.close()
