"""How soon another CPU budget holds, in a job at work; prints Markdown for docs/performance.md.

    python benchmarks/budget_change.py [--changes N]

One process adds documents, or writes answers, without end (this file with --work); this one tells it another budget
and looks at its process tree every quarter of a second, for six seconds after each change. Down: seconds until every
two seconds that follow stay within the budget + 5 points. Up: until a second does 0.8 of what was done before the
change down. Work comes in units larger than a window, hence the longer means.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

WINDOW_SECONDS = 0.25
LOW, HIGH = 25, 100
PHASE_SECONDS = 6.0
LOADING_SECONDS = 10.0  # until the model is in memory and the first tokens are written
BEFORE = round(4 / WINDOW_SECONDS)  # windows before a change that tell what was done until then
BAR_SECONDS = 2.0


def work(kind: str, home: Path, model: Path) -> None:
    """The measured process: a line on standard input is a new budget; it ends with the input."""
    from ert_core.assistant import Assistant
    from ert_core.bench.texts import report_text
    from ert_core.settings import Settings
    from ert_core.types import Source

    overrides = {"llm": str(model), "max_new_tokens_cpu": 128, "answer_mode": "written"}
    ert = Assistant(Settings.load(home=home), overrides=overrides)
    ert.change_settings(cpu_budget=HIGH)

    def listen() -> None:
        for line in sys.stdin:
            ert.change_settings(cpu_budget=int(line))
        os._exit(0)

    first = [Source(f"{n}.md", report_text(n).encode()) for n in range(4)]
    for _ in ert.ingest(first):
        pass
    threading.Thread(target=listen, daemon=True).start()
    print("begin", flush=True)
    for number in itertools.count():
        if kind == "documents":
            sources = [Source(f"r{number}-{n}.md", report_text(1000 * number + n + 9).encode()) for n in range(50)]
            for _ in ert.start_ingest(sources).follow():
                pass
        else:
            question = f"Quelle est la profondeur du rapport {number} ?"
            for _ in ert.start_answer(question, ert.conversations.start("?"), anyway=True).follow():
                pass


class Watch:
    """The share of the machine that a process tree used, in short windows."""

    def __init__(self, pid: int) -> None:
        import psutil

        from ert_core.process_tree import cpu_seconds, read_tree

        self._read, self._between, self._root = read_tree, cpu_seconds, psutil.Process(pid)
        self._last = read_tree(self._root)

    def windows(self, seconds: float) -> list[float]:
        found = []
        for _ in range(round(seconds / WINDOW_SECONDS)):
            time.sleep(WINDOW_SECONDS)
            now = self._read(self._root)
            used = self._between(self._last, now)
            found.append(100 * used / (now.at - self._last.at) / (os.cpu_count() or 1))
            self._last = now
        return found


def means(windows: list[float], seconds: float) -> list[float]:
    """The mean of the next `seconds` from each window on, where there are so many."""
    span = round(seconds / WINDOW_SECONDS)
    return [statistics.fmean(windows[n : n + span]) for n in range(len(windows) - span + 1)]


def down_seconds(windows: list[float]) -> float:
    """Seconds until every two seconds that follow stay within the budget + 5 points; at least one window."""
    over = [n for n, mean in enumerate(means(windows, 2)) if mean > LOW + 5]
    return (over[-1] + 2 if over else 1) * WINDOW_SECONDS


def up_seconds(windows: list[float], full: float) -> float:
    """Seconds until a second follows that does at least 0.8 of `full`; the whole phase when none does."""
    reached = [n for n, mean in enumerate(means(windows, 1)) if mean >= 0.8 * full]
    return (reached[0] + 1 if reached else len(windows)) * WINDOW_SECONDS


def measured(kind: str, model: Path, changes: int) -> tuple[list[float], list[float], float, float]:
    """Seconds of each change down, and up; the CPU at 100 % before, and at 25 % once it holds (medians)."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, __file__, "--work", kind, home, str(model)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
        assert child.stdin is not None and child.stdout is not None
        if not child.stdout.readline():
            raise SystemExit(f"{kind}: the measured process failed")
        watch = Watch(child.pid)
        watch.windows(LOADING_SECONDS)
        windows = watch.windows(PHASE_SECONDS)
        down, up, highs, lows = [], [], [], []
        for _ in range(changes):
            highs.append(statistics.fmean(windows[-BEFORE:]))
            windows = told(child, watch, LOW)
            down.append(down_seconds(windows))
            lows.append(statistics.fmean(windows[-BEFORE:]))
            windows = told(child, watch, HIGH)
            up.append(up_seconds(windows, highs[-1]))
        child.stdin.close()
        child.wait(20)
    return down, up, statistics.median(highs), statistics.median(lows)


def told(child: subprocess.Popen[str], watch: Watch, budget: int) -> list[float]:
    """The windows after another budget."""
    assert child.stdin is not None
    child.stdin.write(f"{budget}\n")
    child.stdin.flush()
    return watch.windows(PHASE_SECONDS)


def verdict(longest: float, high: float) -> str:
    if high <= LOW + 10:  # others had the machine: nothing was held back, and nothing is shown
        return f"not shown: {HIGH} % did little more than {LOW} %"
    return "met" if longest <= BAR_SECONDS else "missed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=6)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work[0], Path(options.work[1]), Path(options.work[2]))
        return
    model = Path(tempfile.gettempdir()) / "qwen-shape"
    subprocess.run([sys.executable, str(Path(__file__).with_name("qwen_shape.py")), str(model)], check=True, stdout=2)
    print(
        "| at work | change | times | median, s | longest, s (asked: 2) | CPU before | |\n|---|---|---|---|---|---|---|"
    )
    for kind, name in (("documents", "adding documents"), ("answers", "writing answers")):
        down, up, high, low = measured(kind, model, options.changes)
        for change, seconds, before in ((f"{HIGH} → {LOW} %", down, high), (f"{LOW} → {HIGH} %", up, low)):
            print(
                f"| {name} | {change} | {len(seconds)} | {statistics.median(seconds):.2f} | {max(seconds):.2f} | "
                f"{before:.0f} % | {verdict(max(seconds), high)} |"
            )
    print(f"\nLoad average {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
