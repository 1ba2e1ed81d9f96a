"""A parser's process is stopped and continued for the budget, and never stays behind stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from ert_core.cpu_budget import GOVERNOR
from ert_core.held_process import _held
from ert_core.loaders import Limits, LoadingCancelled, load, process

ROOT = Path(__file__).resolve().parents[1]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
# A child that answers after some CPU time, or sleeps: what matters is how it is held.
WORKING = (
    "import sys, json, time; print(flush=True); sys.stdin.buffer.read()\n"
    "while time.process_time() < {seconds}: pass\n"
    "print(json.dumps({{'family': 'text', 'pages': [[None, 4]]}}), 'read', sep='\\n', end='')"
)


class Cancelling:
    """Becomes busy, then sees to it that the child is stopped, then goes on."""

    def __init__(self, then: threading.Event | None = None) -> None:
        self.then = then
        self.statuses: list[str] = []
        self._others = psutil.Process().children()  # a browser's, which tests before these have opened

    def __call__(self) -> bool:
        [child] = self.children() or [None]
        if child is not None and len(self.statuses) < 5:
            self.statuses.append(child.status())
            if self.then is not None and psutil.STATUS_STOPPED in self.statuses:
                self.then.set()
            return True
        return False

    def children(self) -> list[psutil.Process]:
        return [child for child in psutil.Process().children() if child not in self._others]


@posix_only
def test_a_held_child_is_stopped_goes_on_and_the_time_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_START", WORKING.format(seconds=0.2))
    busy = Cancelling()
    document = load("a.txt", b"x", limits=Limits(wall_seconds=3), busy=busy)
    assert document.pages[0].text == "read"
    assert psutil.STATUS_STOPPED in busy.statuses


@posix_only
def test_the_wall_limit_does_not_count_the_time_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        process, "_START", "import time; print(flush=True); time.sleep(0.3)\n" + WORKING.format(seconds=0.01)
    )
    until = time.monotonic() + 3.0
    document = load("a.txt", b"x", limits=Limits(wall_seconds=2.5), busy=lambda: time.monotonic() < until)
    assert document.pages[0].text == "read"


@posix_only
def test_a_stop_kills_a_child_that_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_START", "import time; print(flush=True); time.sleep(60)")
    cancelled = threading.Event()
    busy = Cancelling(then=cancelled)
    with pytest.raises(LoadingCancelled):
        load("a.txt", b"x", cancelled=cancelled, busy=busy)
    assert psutil.STATUS_STOPPED in busy.statuses and not busy.children()


@posix_only
def test_a_child_is_held_while_the_budget_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    statuses: list[str] = []

    def pause(cancelled: threading.Event) -> None:
        deadline = time.monotonic() + 10  # a signal takes effect a moment later
        while time.monotonic() < deadline and psutil.STATUS_STOPPED not in statuses:
            statuses.append(psutil.Process(child.pid).status())

    monkeypatch.setattr(GOVERNOR, "debt_seconds", lambda: 1.0)
    monkeypatch.setattr(GOVERNOR, "pause", pause)
    try:
        assert _held(psutil.Process(child.pid), threading.Event(), lambda: False) > 0
        assert statuses[-1] == psutil.STATUS_STOPPED
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and psutil.Process(child.pid).status() == psutil.STATUS_STOPPED:
            time.sleep(0.01)
        assert psutil.Process(child.pid).status() != psutil.STATUS_STOPPED
    finally:
        child.kill()
        child.wait()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux ends a child with its parent")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_stopped_child_does_not_outlive_its_parent(end: signal.Signals) -> None:
    script = """
import psutil, threading
from ert_core.loaders import load

def busy():
    for child in psutil.Process().children():
        if child.status() == psutil.STATUS_STOPPED:
            print(child.pid, flush=True)
    return True

thread = threading.Thread(target=load, args=("a.txt", b"word " * 3_000_000), kwargs={"busy": busy})
thread.start()
thread.join()
"""
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(end)
    parent.wait(20)
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _lives(child):
        time.sleep(0.05)
    assert not _lives(child)


def _lives(child: psutil.Process) -> bool:
    try:
        return bool(child.is_running() and child.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
