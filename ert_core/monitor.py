"""What ERT costs the machine: CPU, memory, threads and temperature of its process tree, by psutil.

CPU is always processor time used over a span of time, as a share of the whole machine (100 = every
core busy), never psutil's or ps's own averages. `monitor_cpu.sh` measures the same from outside.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

from ert_core.machine_conditions import read_conditions
from ert_core.process_tree import ProcessTree, bounded, cpu_seconds, machine_share, read_tree

Level = Literal["optimal", "moderate", "high"]

MODERATE_FROM = 50.0  # per cent of the machine; the thresholds of monitor_cpu.sh
HIGH_FROM = 70.0
MB = 1_000_000


def level(cpu_percent: float) -> Level:
    """The level of a CPU share, judged on its first decimal, as it is shown (49.96 reads 50.0: moderate)."""
    shown = float(f"{cpu_percent:.1f}")
    if shown >= HIGH_FROM:
        return "high"
    return "moderate" if shown >= MODERATE_FROM else "optimal"


@dataclass(frozen=True)
class Snapshot:
    """One reading of ERT's process tree and of the machine.

    `cpu_percent` and `machine_cpu_percent` (in [0, 100]) cover the time since the previous reading, and
    are None in the first one. `memory_mb` is resident memory, shared pages counted in each process.
    `temperature_c`, `battery_percent` and `on_battery` are None where the machine has no such sensor.
    `at` is in seconds of time.monotonic().
    """

    at: float
    cpu_percent: float | None
    machine_cpu_percent: float | None
    memory_mb: float
    memory_percent: float
    available_mb: float
    processes: int
    threads: int
    temperature_c: float | None
    battery_percent: float | None
    on_battery: bool | None


class Sampler:
    """Snapshots of the process tree under `pid` (this process by default), each since the one before.

    Not for use by several threads at once. Raises psutil.NoSuchProcess when `pid` does not exist.
    """

    def __init__(self, pid: int | None = None) -> None:
        import psutil

        self._root = psutil.Process(pid)
        self._previous: tuple[ProcessTree, tuple[float, float]] | None = None

    def sample(self) -> Snapshot:
        """Read now. Raises psutil.NoSuchProcess when the process has ended."""
        import psutil

        tree, machine = read_tree(self._root), _machine_times()
        cpu_percent = machine_percent = None
        if self._previous is not None:
            before, (busy, total) = self._previous
            cpu_percent = machine_share(cpu_seconds(before, tree), tree.at - before.at)
            machine_percent = bounded(100 * (machine[0] - busy) / (machine[1] - total)) if machine[1] > total else 0.0
        self._previous = tree, machine
        memory = psutil.virtual_memory()
        conditions = read_conditions()
        return Snapshot(
            at=tree.at,
            cpu_percent=cpu_percent,
            machine_cpu_percent=machine_percent,
            memory_mb=tree.resident / MB,
            memory_percent=100 * tree.resident / memory.total,
            available_mb=memory.available / MB,
            processes=len(tree.processes),
            threads=tree.threads,
            temperature_c=conditions.temperature_c,
            battery_percent=conditions.battery_percent,
            on_battery=conditions.on_battery,
        )


def snapshot(pid: int | None = None, over: float = 0.2) -> Snapshot:
    """One snapshot whose CPU shares cover the next `over` seconds; 0 returns at once, without CPU shares.

    Raises psutil.NoSuchProcess when `pid` does not exist or ends meanwhile.
    """
    sampler = Sampler(pid)
    first = sampler.sample()
    if over <= 0:
        return first
    time.sleep(over)
    return sampler.sample()


class CpuMeter:
    """Measures the CPU and memory of a process tree while a block runs: `with CpuMeter() as meter: ...`.

    A thread reads every `interval` seconds. The results can be read at any time, and stay after the end.
    """

    def __init__(self, pid: int | None = None, interval: float = 0.5) -> None:
        import psutil

        self._root = psutil.Process(pid)
        self._interval = interval
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._last: ProcessTree | None = None
        self._cpu_seconds = self._seconds = self._peak = self._resident = 0.0

    def __enter__(self) -> CpuMeter:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin measuring. A meter measures once: RuntimeError when it was started already."""
        if self._thread is not None:
            raise RuntimeError("a CpuMeter is started once")
        self._read()
        self._thread = threading.Thread(target=self._run, name="ert-cpu-meter", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End measuring, with a last reading. Stopping again changes nothing."""
        if self._thread is None or self._ended.is_set():
            return
        self._ended.set()
        self._thread.join()
        self._read()

    @property
    def mean(self) -> float | None:
        """Mean CPU share in [0, 100]; None before any time has passed."""
        with self._lock:
            return machine_share(self._cpu_seconds, self._seconds) if self._seconds > 0 else None

    @property
    def peak(self) -> float | None:
        """Highest CPU share of one reading's span, in [0, 100], never under the mean; None as for `mean`."""
        mean = self.mean
        return None if mean is None else max(self._peak, mean)

    @property
    def memory_mb(self) -> float | None:
        """Highest resident memory seen, MB; None before the first reading."""
        return None if self._last is None else self._resident / MB

    def _run(self) -> None:
        while not self._ended.wait(self._interval):
            if not self._read():
                return

    def _read(self) -> bool:
        """Take one reading in; False when the process has ended."""
        import psutil

        try:
            tree = read_tree(self._root)
        except psutil.NoSuchProcess:
            return False
        with self._lock:
            if self._last is not None:
                used, seconds = cpu_seconds(self._last, tree), tree.at - self._last.at
                self._cpu_seconds += used
                self._seconds += seconds
                # Process times move in steps of 10 ms: a short span, at the end, would invent a peak.
                if seconds >= self._interval / 2:
                    self._peak = max(self._peak, machine_share(used, seconds))
            self._last = tree
            self._resident = max(self._resident, float(tree.resident))
        return True


def _machine_times() -> tuple[float, float]:
    """(busy, total) seconds of all cores since the machine started."""
    import psutil

    times = psutil.cpu_times()._asdict()
    # Linux counts guests in user and nice already.
    total = sum(seconds for name, seconds in times.items() if name not in ("guest", "guest_nice"))
    return total - times["idle"] - times.get("iowait", 0.0), total
