"""From `streamlit run ERT.py` to an answer, and to the first paint in a browser where there is one."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from ert_core.errors import ErtError

MOST_SECONDS = 90.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def server(repository: Path) -> dict[str, Any]:
    """Seconds to the first answer and, with a browser, to the first paint; memory. Raises ErtError."""
    import psutil

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="ert-bench-") as home, tempfile.TemporaryFile() as output:
        options = [f"--server.port={port}", "--server.headless=true", "--server.address=127.0.0.1"]
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(repository / "ERT.py"), *options],
            cwd=repository,
            env={**os.environ, "ERT_HOME": home},
            stdout=output,
            stderr=output,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/api/health", process)
            figures = {"answers_s": round(time.perf_counter() - began, 2)}
            paint = _first_paint(f"http://127.0.0.1:{port}/", began)
            figures |= {} if paint is None else {"first_paint_s": round(paint, 2)}
            figures["memory_mb"] = round(psutil.Process(process.pid).memory_info().rss / 1e6, 1)
            return figures
        finally:
            end(process, 15)


def end(process: subprocess.Popen[Any], seconds: float) -> None:
    """Ask a program to end, and end it when it has not within `seconds`."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + MOST_SECONDS
    while time.perf_counter() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.02)
    raise ErtError("bench_step_failed", step="server", reason=f"no answer from {address}")


def _first_paint(address: str, began: float) -> float | None:
    """Seconds from the start of the server to the page's own text in a browser; None without a browser to drive."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        return None
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:  # it comes with requirements-dev.txt
        return None
    with sync_playwright() as playwright:
        started = time.perf_counter()
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        opening = time.perf_counter() - started  # a person's browser is open already
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("h1", timeout=1000 * MOST_SECONDS)
        painted = time.perf_counter() - began - opening
        browser.close()
    return painted
