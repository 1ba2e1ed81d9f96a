"""Variants measured side by side: a child process each, that is asked for one measure after the other, in turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
CORES = os.cpu_count() or 1
# Before ert_core is imported, which sets its thread limits for all children.
BARE_ENVIRONMENT = dict(os.environ)


class Gauge:
    """Seconds, CPU-seconds and the highest resident memory (MB) above what it was at first, of work in this process."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._before = self._resident()
        self._peak = 0.0

    def run(self, work: Callable[[], object]) -> dict[str, float]:
        done = threading.Event()

        def sample() -> None:
            while not done.wait(0.005):
                self._peak = max(self._peak, self._resident())

        sampler = threading.Thread(target=sample, daemon=True)
        sampler.start()
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        done.set()
        sampler.join()
        self._peak = max(self._peak, self._resident())
        return {
            "seconds": wall,
            "cpu": cpu,
            "share": 100 * cpu / wall / CORES,
            "peak_mb": self._peak - self._before,
        }

    def _resident(self) -> float:
        return float(self._process.memory_info().rss / 1e6)


def serve(measures: dict[str, Callable[[], dict[str, float]]]) -> None:
    """A child's life: for each name on standard input one measure, a line of JSON; it ends with the input."""
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(measures[line.strip()]()), flush=True)


def in_turns(
    commands: dict[str, Sequence[str]], measures: Sequence[str], rounds: int, environments: dict[str, dict[str, str]]
) -> dict[str, dict[str, dict[str, float]]]:
    """Medians by command and measure. All children start first; then each is asked in turn while the others wait."""
    runs: dict[str, dict[str, list[dict[str, float]]]] = {name: {m: [] for m in measures} for name in commands}
    children = {
        name: subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env=BARE_ENVIRONMENT | environments.get(name, {}),
        )
        for name, command in commands.items()
    }
    try:
        for name, child in children.items():
            _line(name, child)
        for _ in range(rounds):
            for name, child in children.items():
                for measure in measures:
                    assert child.stdin is not None
                    child.stdin.write(measure + "\n")
                    child.stdin.flush()
                    runs[name][measure].append(json.loads(_line(name, child)))
    finally:
        for child in children.values():
            assert child.stdin is not None and child.stdout is not None
            child.stdin.close()
            child.wait()
            child.stdout.close()
    return {name: {m: medians(found) for m, found in by_measure.items()} for name, by_measure in runs.items()}


def medians(found: Sequence[dict[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {key: statistics.median(run[key] for run in found) for key in found[0]}


def _line(name: str, child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        raise SystemExit(f"{name}: the child ended without an answer")
    return line
