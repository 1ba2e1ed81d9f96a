"""How many cores other programs use: threads that share a core with another program cost more than they bring.

The threads of one operation wait for each other. Where another program has one of the cores, all of them wait for
the one that it holds up, and waiting takes CPU, too (docs/performance.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable

# Seconds between two looks at least, and at most: what was long ago says nothing of now.
SHORTEST_SECONDS = 0.5
LONGEST_SECONDS = 3.0
# Cores that others may use without a thread less: a browser that shows the answer, a system's own work.
TOLERATED_CORES = 0.5


def machine_seconds() -> float:
    """CPU-seconds that all programs of this machine have used since it started."""
    import psutil

    times = psutil.cpu_times()
    return float(sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq")))


class OtherPrograms:
    """Looks when it is asked; nothing runs in between. `own` gives the CPU-seconds of this program."""

    def __init__(
        self,
        own: Callable[[], float],
        machine: Callable[[], float] = machine_seconds,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own, self._machine, self._clock = own, machine, clock
        self._seen: tuple[float, float] | None = None  # when, and the CPU-seconds of others by then
        self._cores = 0.0

    def cores(self) -> float:
        """Cores in use by others since the last look; 0 where that is not known."""
        now = self._clock()
        if self._seen is not None and now - self._seen[0] < SHORTEST_SECONDS:
            return self._cores
        used = self._machine() - self._own()
        before, self._seen = self._seen, (now, used)
        if before is None or now - before[0] > LONGEST_SECONDS:
            self._cores = 0.0
        else:
            self._cores = max(0.0, (used - before[1]) / (now - before[0]))
        return self._cores

    def leave(self, cores: int) -> int:
        """Of `cores`, those that are left for this program, at least 1."""
        return max(1, int(cores - max(0.0, self.cores() - TOLERATED_CORES)))
