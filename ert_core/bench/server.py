"""From `streamlit run ERT.py` to an answer."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ert_core.errors import ErtError

MOST_SECONDS = 90.0


def server(repository: Path, paint: Callable[[str, float, float], dict[str, Any]]) -> dict[str, Any]:
    """Seconds to the first answer, memory, and the figures of `paint`. Raises ErtError.

    `paint` is given the address of the page, and when the server was started and had answered, by `time.perf_counter`.
    """
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
            answered = time.perf_counter()
            figures = {"answers_s": round(answered - began, 2)}
            figures |= paint(f"http://127.0.0.1:{port}/", began, answered)
            figures["memory_mb"] = round(psutil.Process(process.pid).memory_info().rss / 1e6, 1)
            return figures
        finally:
            end(process, 15)


def end(process: subprocess.Popen[Any], seconds: float) -> None:
    """Ask a program to end; end it after `seconds`, and then what it had started, given as long."""
    import psutil

    children: list[psutil.Process] = []
    if process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.wait()
    for left in psutil.wait_procs(children, timeout=seconds)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            left.kill()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + MOST_SECONDS
    while time.perf_counter() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.02)
    raise ErtError("bench_step_failed", step="server", reason=f"no answer from {address}")
