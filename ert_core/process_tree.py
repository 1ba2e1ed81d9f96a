"""The process tree of ERT: one reading of it, and the CPU time it used between two readings (psutil)."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

READINGS = 3  # tries at a reading that no ending process disturbs


@dataclass(frozen=True)
class Usage:
    """CPU seconds of one process: its own, and those of its children that ended and were waited for."""

    parent: int
    own: float
    waited: float


@dataclass(frozen=True)
class ProcessTree:
    """One reading of a process tree: resident memory in bytes, shared pages counted in each process.

    `at` is in seconds of time.monotonic(). A process is known by its PID and its start: PIDs are used again.
    """

    at: float
    processes: dict[tuple[int, float], Usage]
    resident: int
    threads: int


def read_tree(root: psutil.Process) -> ProcessTree:
    """Read `root` and its descendants now. Raises psutil.NoSuchProcess when `root` has ended."""
    for _ in range(READINGS):
        tree, whole = _read_once(root)
        if whole:
            break
    return tree


def _read_once(root: psutil.Process) -> tuple[ProcessTree, bool]:
    """One reading, parents before children, and whether no process ended in the middle of it.

    A child that ends after its parent was read is missing from both: its time would be lost, then doubled.
    """
    import psutil

    processes: dict[tuple[int, float], Usage] = {}
    resident = threads = 0
    whole = True
    at = time.monotonic()
    for process in [root, *root.children(recursive=True)]:
        try:
            with process.oneshot():
                times = process.cpu_times()
                usage = Usage(process.ppid(), times.user + times.system, times.children_user + times.children_system)
                process_resident, process_threads = process.memory_info().rss, process.num_threads()
                processes[process.pid, process.create_time()] = usage
        except psutil.NoSuchProcess:
            if process is root:
                raise
            whole = False
            continue
        except psutil.AccessDenied:  # a child that runs as another user, on macOS and Windows
            if process is root:
                raise
            continue
        resident += process_resident
        threads += process_threads
    return ProcessTree(at, processes, resident, threads), whole


def cpu_seconds(before: ProcessTree, after: ProcessTree) -> float:
    """CPU seconds a tree used between two readings, those of processes that came or went included.

    A process that ended brings its whole time to the parent that waited for it, part of which had been
    counted while it lived: that part is taken off the growth of the parent's children time. Children
    nobody waits for, and any on macOS and Windows (psutil has no children time there), lose the time
    since the last reading.
    """
    names = {pid: (pid, created) for pid, created in before.processes}
    counted: defaultdict[tuple[int, float] | None, float] = defaultdict(float)
    for name, usage in before.processes.items():
        if name not in after.processes:
            heir = names.get(usage.parent)
            for _ in before.processes:  # bounded: parents read while PIDs change hands may form a circle
                if heir is None or heir in after.processes:
                    break
                heir = names.get(before.processes[heir].parent)
            counted[heir] += usage.own + usage.waited
    seconds = 0.0
    for name, now in after.processes.items():
        then = before.processes.get(name)
        if then is None:  # it started in between: all its time is new
            seconds += now.own + now.waited
        else:
            seconds += max(0.0, now.own - then.own) + max(0.0, now.waited - then.waited - counted[name])
    return seconds


def machine_share(used: float, seconds: float) -> float:
    """`used` CPU seconds in `seconds`, as a per cent of the whole machine, in [0, 100]."""
    import psutil

    return bounded(100 * used / seconds / (psutil.cpu_count() or 1)) if seconds > 0 else 0.0


def bounded(percent: float) -> float:
    """`percent` brought into [0, 100]."""
    return min(100.0, max(0.0, percent))
