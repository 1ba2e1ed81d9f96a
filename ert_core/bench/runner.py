"""Runs the steps one after the other, each in a process of its own, and looks at their CPU from outside."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ert_core.bench.server import end, server
from ert_core.errors import ErtError
from ert_core.monitor import Sampler

REPOSITORY = Path(__file__).resolve().parents[2]
WINDOW_SECONDS = 1.0
BUDGETS = (25, 50, 100)
PASSAGES = (1000, 10_000, 100_000)
DOCUMENTS, QUESTIONS, TOKENS = 24, 60, 96


def measure(
    model: str,
    progress: Callable[[str], None],
    *,
    passages: tuple[int, ...] = PASSAGES,
    documents: int = DOCUMENTS,
    questions: int = QUESTIONS,
    tokens: int = TOKENS,
    budgets: tuple[int, ...] = BUDGETS,
) -> dict[str, Any]:
    """All figures by step; `progress` is told each step's name before it begins.

    `model` is a folder or an id, empty for none: its step is then left out. Raises ErtError when a step fails.
    """
    figures: dict[str, Any] = {}
    progress("server")
    figures["server"] = server(REPOSITORY, _paint)
    plan: dict[str, dict[str, Any]] = {
        "imports": {},
        "documents": {"budgets": budgets, "count": documents},
        "search": {"sizes": passages, "questions": questions},
    }
    if model:
        plan["model"] = {"folder": model, "budgets": budgets, "tokens": tokens}
    for step, how in plan.items():
        progress(step)
        figures[step] = _run(step, how)
    return figures


def _paint(address: str, began: float, answered: float) -> dict[str, Any]:
    return _run("paint", {"address": address, "began": began, "answered": answered})


def _run(step: str, how: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "ert_core.bench", step, json.dumps(how)]
    with tempfile.TemporaryFile() as errors, _started(command, errors) as child:
        found: dict[str, Any] | None = None
        watches: dict[str, dict[str, float]] = {}
        watch: _Watch | None = None
        assert child.stdout is not None
        for line in child.stdout:
            told = json.loads(line)
            if "phase" in told:
                if watch is not None:
                    watches[watch.name] = watch.stop()
                watch = _Watch(child.pid, str(told["phase"])) if told["phase"] is not None else None
            found = told.get("figures", found)
        if child.wait() or found is None:
            errors.seek(0)
            lines = errors.read().decode("utf-8", "replace").strip().splitlines()
            raise ErtError("bench_step_failed", step=step, reason=lines[-1] if lines else str(child.returncode))
    for name, seen in watches.items():
        found[name] |= seen
    return found


@contextlib.contextmanager
def _started(command: list[str], errors: Any) -> Iterator[subprocess.Popen[str]]:
    """A child that does not outlive the step: Ctrl-C ends it, too."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=REPOSITORY)
    try:
        yield child
    finally:
        end(child, 5)
        if child.stdout is not None:
            child.stdout.close()


class _Watch:
    """The CPU of a process tree, per cent of the machine, in windows of a second."""

    def __init__(self, pid: int, name: str) -> None:
        self.name = name
        self._sampler = Sampler(pid)
        self._sampler.sample()
        self._windows: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, float]:
        self._ended.set()
        self._thread.join()
        windows = self._windows or [0.0]
        return {"cpu_mean": round(sum(windows) / len(windows), 1), "cpu_peak": round(max(windows), 1)}

    def _look(self) -> None:
        import psutil

        ended = False
        while not ended:
            ended = self._ended.wait(WINDOW_SECONDS)
            if ended and self._windows:  # what is left is no whole window
                return
            with contextlib.suppress(psutil.NoSuchProcess):
                self._windows.append(float(self._sampler.sample().cpu_percent or 0.0))
