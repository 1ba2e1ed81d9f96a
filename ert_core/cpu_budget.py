"""One CPU budget for everything ERT computes: the governor that every small unit of work passes through.

A bucket holds CPU-seconds. Time fills it, at budget x cores; what the process tree is measured to have used
empties it. Work calls `pause` before each small unit: it returns at once while the bucket is not empty, else
as soon as time has filled it again. The bucket is small, so that a window of two seconds holds no more than the
budget and 5 points of the machine. Measured: this process with all its threads, children that were
waited for, and the live children that `watching` names.
"""

from __future__ import annotations

import importlib.abc
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ert_core.machine_conditions import Readings, Restraint, read_conditions, restrained

if TYPE_CHECKING:
    import psutil

# Seconds of the whole machine: what may be saved up, and what one unit of work should take at most.
# Together they are what a window may hold beyond the budget: 0.08 of 2 seconds is 4 points.
BURST_SECONDS = 0.03
UNIT_SECONDS = 0.05
# A debt is forgotten beyond so many seconds of budget: older windows are past.
LONGEST_DEBT_SECONDS = 2.0
# A sleep is cut into slices, after which Stop, another budget and the measured CPU are looked at again.
SLICE_SECONDS = 0.1
# Long against the 0.2 ms that torch's other threads wait awake at its beginning.
SHORTEST_SECONDS = 0.004
CONDITIONS_EVERY_SECONDS = 5.0
# Per cent of the machine that heat and battery leave in any case.
LEAST_PERCENT = 5.0

# Whether this thread has passed `pause`, and with which event: its imports are then paced, too.
_thread = threading.local()


class CpuClock:
    """CPU-seconds that this process and its children have used; reading takes some microseconds."""

    def __init__(self) -> None:
        self._live: dict[int, psutil.Process] = {}
        self._seen: dict[int, float] = {}
        self._ended = 0.0

    def __call__(self) -> float:
        # First the children that were waited for: one that ends in between is missing once, not counted twice.
        times = os.times()
        total = time.process_time() + times.children_user + times.children_system + self._ended
        return total + sum(self._used(pid, process) for pid, process in list(self._live.items()))

    def add(self, process: psutil.Process) -> None:
        """Count a child from now on."""
        self._live[process.pid] = process

    def remove(self, process: psutil.Process) -> None:
        """A child has ended and was waited for."""
        self._live.pop(process.pid, None)
        seen = self._seen.pop(process.pid, 0.0)
        if not hasattr(os, "fork"):  # Windows does not add it to the parent's children time
            self._ended += seen

    def _used(self, pid: int, process: psutil.Process) -> float:
        import psutil

        try:
            times = process.cpu_times()
        except psutil.Error:  # it has ended, and is in the children time of this process
            return 0.0
        self._seen[pid] = float(times.user + times.system)
        return self._seen[pid]


def _wait(seconds: float, cancelled: threading.Event | None) -> None:
    if cancelled is None:
        time.sleep(seconds)
    else:
        cancelled.wait(seconds)


class Governor:
    """Holds the work of this process to a budget, in per cent of the whole machine. Thread-safe.

    Until `apply` there is no limit. `cpu`, `clock` and `wait` are replaced by tests.
    """

    def __init__(
        self,
        *,
        cpu: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float, threading.Event | None], None] | None = None,
        cores: int | None = None,
        conditions: Callable[[], Readings] = read_conditions,
    ) -> None:
        self._own_clock = CpuClock()
        self._cpu = cpu or self._own_clock
        self._clock = clock
        self._wait = wait or _wait
        self._cores = cores or os.cpu_count() or 1
        self._conditions = conditions
        self._lock = threading.Lock()
        self._budget = 100.0
        self._restraint = Restraint()
        self._looked_at = -math.inf
        # CPU-seconds in the bucket; negative: a debt. None until measuring begins.
        self._level: float | None = None
        self._measured_at = self._counted = 0.0

    def apply(self, budget: float) -> None:
        """Set the budget, (0, 100]; work at hand follows within a slice."""
        with self._lock:
            if budget != self._budget:
                self._budget = float(budget)
                self._level = None

    @property
    def restraint(self) -> Restraint:
        """What heat and battery take off; read again when the last reading is some seconds old."""
        with self._lock:
            self._look()
            return self._restraint

    @property
    def percent(self) -> float:
        """The budget in use: the one set, lowered by heat and battery."""
        return max(min(LEAST_PERCENT, self._budget), self._budget * self._restraint.factor)

    @property
    def limited(self) -> bool:
        """Whether there is anything to hold."""
        return self.percent < 100

    @property
    def threads(self) -> int:
        """Threads that the budget has room for, at least 1."""
        return max(1, math.ceil(self.percent * self._cores / 100 - 1e-9))

    @property
    def unit(self) -> float:
        """CPU-seconds that one unit of work should take at most."""
        return UNIT_SECONDS * self._cores if self.limited else math.inf

    def cpu_seconds(self) -> float:
        """CPU-seconds of the process tree so far."""
        return self._cpu()

    def debt_seconds(self) -> float:
        """Measure; seconds until the bucket is not empty any more, 0 when it is not."""
        with self._lock:
            self._look()
            if not self.limited:
                self._level = None
                return 0.0
            rate = self.percent * self._cores / 100
            now, total = self._clock(), self._cpu()
            if self._level is None:
                self._level, self._measured_at, self._counted = 0.0, now, total
                return 0.0
            # The clock of a child may be read a moment late: what was counted is never given back.
            level = self._level + rate * (now - self._measured_at) - max(0.0, total - self._counted)
            self._level = max(min(level, BURST_SECONDS * self._cores), -LONGEST_DEBT_SECONDS * rate)
            self._measured_at, self._counted = now, max(total, self._counted)
            return max(0.0, -self._level / rate)

    def pause(self, cancelled: threading.Event | None = None) -> None:
        """Come back when the next unit of work may begin, or at once when `cancelled` is set."""
        while cancelled is None or not cancelled.is_set():
            seconds = self.debt_seconds()
            if seconds <= 0:
                return
            self._wait(max(SHORTEST_SECONDS, min(seconds, SLICE_SECONDS)), cancelled)

    @contextmanager
    def watching(self, process: psutil.Process) -> Iterator[None]:
        """Count a child while it lives. It must have been waited for at the end."""
        self._own_clock.add(process)
        try:
            yield
        finally:
            self._own_clock.remove(process)

    def _look(self) -> None:
        """Read heat and battery, if the last reading is old enough."""
        now = self._clock()
        if now - self._looked_at >= CONDITIONS_EVERY_SECONDS:
            self._looked_at = now
            self._restraint = restrained(self._restraint, self._conditions())


GOVERNOR = Governor()


def apply(budget: float) -> None:
    """Hold this process to `budget` per cent of the machine, imports of large libraries included."""
    GOVERNOR.apply(budget)
    if not any(isinstance(finder, _PacedImports) for finder in sys.meta_path):
        sys.meta_path.insert(0, _PacedImports())


def pause(cancelled: threading.Event | None = None) -> None:
    """Call before each small unit of work, in the thread that does it, holding no database transaction."""
    _thread.governed = False  # measuring imports psutil: that import must not come back here
    GOVERNOR.pause(cancelled)
    _thread.governed, _thread.cancelled = True, cancelled


def pause_again() -> None:
    """The same inside a unit, in a thread that has passed `pause`: its event ends this one as well."""
    if getattr(_thread, "governed", False):
        pause(_thread.cancelled)


def stop_asked() -> bool:
    """Whether the event that this thread last gave to `pause` is set."""
    cancelled = getattr(_thread, "cancelled", None)
    return cancelled is not None and cancelled.is_set()


class _PacedImports(importlib.abc.MetaPathFinder):
    """Pauses before each module that a governed thread imports; finds nothing itself."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> None:
        pause_again()
