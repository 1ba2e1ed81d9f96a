"""monitor_cpu.sh as the tests run it, and the form of what it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "monitor_cpu.sh"
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
LINE = re.compile(
    r"\[([01]\d|2[0-3]):[0-5]\d:[0-5]\d\] "
    r"(✅ CPU: [ \d]{3}\.\d% \(OPTIMAL\) \||⚠️  CPU: [ \d]{3}\.\d% \(MODÉRÉ\) \||🔥 CPU: [ \d]{3}\.\d% \(ÉLEVÉ\)  \|)"
    r" RAM: [ \d]\d\.\d% \(\d+ MB\)"
)
SUMMARY = re.compile(
    r"Résumé : CPU moyenne \d+\.\d%, pic \d+\.\d% \| RAM moyenne \d+ MB, pic \d+ MB"
    r" \| durée \d\d:\d\d:\d\d \| \d+ mesures?"
)
# SIGINT may be ignored where the tests themselves run in the background, and bash cannot undo that.
OBEY_SIGINT = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
)


def run(*arguments: object, path: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script; `path` holds commands that replace the system's."""
    environment = {**os.environ, **variables}
    if path is not None:
        environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["bash", SCRIPT, *map(str, arguments)], capture_output=True, encoding="utf-8", env=environment, timeout=60
    )


def sourced(code: str, stdin: str = "") -> str:
    """What `code` prints with the script's functions at hand."""
    done = subprocess.run(
        ["bash", "-c", f'source "{SCRIPT}"\n{code}'], input=stdin, capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.stderr == ""
    return done.stdout
