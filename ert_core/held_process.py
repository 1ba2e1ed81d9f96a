"""Holds a child process to the CPU budget: stopped while the budget is spent, then continued."""

from __future__ import annotations

import atexit
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ert_core.cpu_budget import GOVERNOR

if TYPE_CHECKING:
    import psutil

# Between two looks at the CPU used: at one core this is the unit of work of a child.
LOOK_SECONDS = 0.03
# Without a budget, looks are for Stop, more urgent work and a budget that is set meanwhile.
UNLIMITED_LOOK_SECONDS = 0.1
BUSY_LOOK_SECONDS = 0.05

_running: set[subprocess.Popen[bytes]] = set()


def hold_to_budget(
    process: subprocess.Popen[bytes],
    reader: threading.Thread,
    *,
    seconds: float,
    cancelled: threading.Event,
    ready: Callable[[], bool],
    busy: Callable[[], bool],
) -> bool:
    """Wait for a child, stopping it while the budget is spent or `busy()`; True when it has ended by itself in time.

    `reader` ends with the child's output. It is not stopped before it is `ready()`, that is, before the system knows
    that it has to end with its parent. `seconds` do not count the time it was held. On False the child may
    still be there, not stopped: the caller kills it. Whenever this process ends, the child is killed.
    """
    import psutil

    _running.add(process)
    deadline = time.monotonic() + seconds
    try:
        child = psutil.Process(process.pid)  # it is there: nobody has waited for it
        with GOVERNOR.watching(child):
            while not cancelled.is_set() and time.monotonic() < deadline:
                look = min(LOOK_SECONDS if GOVERNOR.limited else UNLIMITED_LOOK_SECONDS, deadline - time.monotonic())
                # The end of the output is awaited first: waiting for a process with a time limit means polling.
                if reader.is_alive():
                    reader.join(max(0.0, look))
                elif _ended(process, max(0.0, look)):
                    return True
                if reader.is_alive() and ready():
                    deadline += _held(child, cancelled, busy)
            return False
    finally:
        _running.discard(process)


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _held(child: psutil.Process, cancelled: threading.Event, busy: Callable[[], bool]) -> float:
    """Stop the child for as long as it must wait; seconds that it was stopped."""
    import psutil

    if not GOVERNOR.debt_seconds() and not busy():
        return 0.0
    stopped = time.monotonic()
    with suppress(psutil.Error):  # it has just ended
        child.suspend()
    try:
        GOVERNOR.pause(cancelled)
        while busy() and not cancelled.wait(BUSY_LOOK_SECONDS):
            pass
    finally:
        with suppress(psutil.Error):
            child.resume()
    return time.monotonic() - stopped


@atexit.register
def end_children() -> None:
    """The threads that wait for children do not outlive the interpreter; a stopped child would stay for ever."""
    for process in list(_running):
        process.kill()
