"""The whole test suite where there is no network: it passes, and nothing is looked up or connected to."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from trials.trial import Trial

REPOSITORY = Path(__file__).resolve().parents[1]
# Read by every Python that starts: it writes down each name looked up and each address but this machine's.
WATCHER = """
import ipaddress, os, sys
def _own(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "", None)
def _watch(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if not _own(host):
        with open(os.environ["TRIAL_LOG"], "a") as log:
            log.write(f"{event} {host} by {' '.join(sys.argv[:3])}\\n")
sys.addaudithook(_watch)
"""
# The broken step: a program that asks for its public address, as Streamlit would.
_ASKING = ["-c", "import socket\ntry:\n    socket.getaddrinfo('checkip.amazonaws.com', 80)\nexcept OSError:\n    pass"]


def without_network(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """The suite, `count` times, in a network namespace that holds the loopback interface only."""
    (folder / "sitecustomize.py").write_text(WATCHER)
    failures: list[str] = []
    for number in range(count):
        log = folder / f"{number}.log"
        log.touch()
        # A wide terminal, as pytest sees it: its summary then says why a test failed.
        environment = {**os.environ, "PYTHONPATH": str(folder), "TRIAL_LOG": str(log), "COLUMNS": "400"}
        command = [sys.executable, *(_ASKING if broken else ["-m", "pytest", "-q"])]
        inside = 'ip link set lo up && exec "$@"'
        ended = subprocess.run(
            ["unshare", "--net", "sh", "-c", inside, "sh", *command],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            told = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
            failures += told or [f"exit code {ended.returncode}: {ended.stdout[-600:]} {ended.stderr[-300:]}"]
        failures += sorted(set(log.read_text().splitlines()))
    return failures


def _no_namespace() -> str:
    if not shutil.which("unshare") or not shutil.which("ip"):
        return "unshare or ip is not installed"
    allowed = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0
    return "" if allowed else "network namespaces need root"


TRIALS = [
    Trial(
        "no-network",
        "the whole test suite in a network namespace without a network",
        1,
        "passes; no lookup, no connection tried",
        without_network,
        "a program that asks for its public address",
        1,
        short=0,
        missing=_no_namespace,
    )
]
