"""Does the CPU budget hold, and does it give all the work it may? Prints Markdown for docs/performance.md.

    python benchmarks/cpu_budget.py [--quick] [--budgets 25 50 75] [--only documents answers idle]

One process does ERT's work (this file with --work), another one, this, looks at it from outside: every two
seconds, the CPU time of its process tree as a share of the machine, as monitor_cpu.sh has it. The work: adding
generated documents; writing answers with a language model of random weights; and a server at rest with a
page open in Chromium, of which only the server is measured. Run it on a machine that does nothing else: what others
take, the figures of 100 % lack.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

WINDOW_SECONDS = 2.0
ANSWER_TOKENS = 128


def work(kind: str, home: Path, budget: int, count: int, model: Path) -> None:
    """The measured process: prints "begin", a line for each piece done, and "end"."""
    from ert_core.assistant import Assistant
    from ert_core.bench.texts import report_text
    from ert_core.settings import Settings
    from ert_core.types import Source

    overrides = {"cpu_budget": budget, "llm": str(model), "max_new_tokens_cpu": ANSWER_TOKENS}
    ert = Assistant(Settings.load(home=home), overrides=overrides)

    def tell(word: str) -> None:
        print(word, flush=True)

    if kind == "documents":
        tell("begin")
        job = ert.start_ingest([Source(f"rapport-{n}.md", report_text(n).encode()) for n in range(count)])
        for event in job.follow():
            if event.report is not None:
                tell(str(event.report.passages))
    else:
        list(ert.ingest([Source(f"rapport-{n}.md", report_text(n).encode()) for n in range(8)]))
        tell("begin")
        for number in range(count):
            conversation = ert.conversations.start("?")
            ert.change_settings(answer_mode="written")
            answer = None
            for event in ert.start_answer(
                f"Quelle est la profondeur du rapport {number} ?", conversation, anyway=True
            ).follow():
                answer = event.answer or answer
            assert answer is not None and answer.mode == "written", answer
            tell(str(answer.new_tokens))
    tell("end")
    ert.close()


class Watch:
    """Samples a process tree every two seconds, in this process."""

    def __init__(self, pid: int) -> None:
        from ert_core.monitor import Sampler

        self.windows: list[float] = []
        self._sampler = Sampler(pid)
        self._sampler.sample()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        import psutil

        while not self._ended.wait(WINDOW_SECONDS):
            try:
                self.windows.append(float(self._sampler.sample().cpu_percent or 0.0))
            except psutil.NoSuchProcess:
                return

    def stop(self) -> list[float]:
        self._ended.set()
        self._thread.join()
        return self.windows


def measured(kind: str, budget: int, count: int, model: Path) -> dict[str, Any]:
    """Run the work under a budget and look at it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--work", kind, folder, str(budget), str(count), str(model)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=environment())
        assert process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()
        for line in process.stdout:
            if line.strip() == "begin":
                watch, started, load = Watch(process.pid), time.monotonic(), os.getloadavg()[0]
            elif line.strip() == "end":
                seconds, windows = time.monotonic() - started, watch.stop()
            else:
                lines.put(line)
        process.wait()
        if process.returncode:
            sys.exit(f"{kind} under {budget} %: exit {process.returncode}")
        done = sum(int(lines.get()) for _ in range(lines.qsize()))
        row = {"kind": kind, "budget": budget, "seconds": seconds, "done": done, "load": load, "windows": windows}
        print(json.dumps({**row, "windows": [round(w, 1) for w in windows]}), file=sys.stderr, flush=True)
        return row


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("ERT_", "OMP_", "MKL_", "NUMEXPR_", "KMP_"))}


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of them does not pass."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(100 * share) * len(ordered) // 100) - 1)]


def table(rows: list[dict[str, Any]], unit: str) -> list[str]:
    """One line a budget. On a busy machine 100 % does less than it could: "whole machine" is against every core
    busy at the work per CPU-second of 100 %."""
    full = next(row for row in rows if row["budget"] == 100)
    rate = full["done"] / full["seconds"]
    cores = os.cpu_count() or 1
    efficiency = rate / (cores * sum(full["windows"]) / len(full["windows"]) / 100)
    lines = [
        f"| budget | windows | mean | p95 | highest | {unit}/s | {unit}/CPU-second | share of budget × 100 % | "
        "the same, whole machine | load |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        windows, own = row["windows"], row["done"] / row["seconds"]
        share = own / (rate * row["budget"] / 100)
        cpu = cores * sum(windows) / len(windows) / 100
        lines.append(
            f"| {row['budget']} % | {len(windows)} | {sum(windows) / len(windows):.1f} % "
            f"| {percentile(windows, 0.95):.1f} % | {max(windows):.1f} % | {own:.1f} | {own / cpu:.1f} | {share:.2f} "
            f"| {own / (row['budget'] / 100 * cores * efficiency):.2f} | {row['load']:.1f} |"
        )
    return lines


def idle(seconds: float) -> str:
    """The server's own CPU with a page open and nothing to do."""
    from tests.browser import launched_chromium, running_server, visiting

    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        launched_chromium() as browser,
        visiting(browser, server) as visit,
    ):
        visit.open("chat")
        time.sleep(5)
        watch = Watch(server.process.pid)
        time.sleep(seconds + 1)
        windows = watch.stop()
    print(json.dumps({"kind": "idle", "windows": windows}), file=sys.stderr, flush=True)
    mean, p95 = sum(windows) / len(windows), percentile(windows, 0.95)
    return f"Idle, page open, {seconds:.0f} s: mean {mean:.2f} % of the machine, p95 {p95:.2f} %."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="40 documents, 4 answers, 20 s of idleness")
    parser.add_argument("--budgets", nargs="+", type=int, default=[25, 50, 75])
    parser.add_argument("--only", nargs="+", choices=["documents", "answers", "idle"], default=None)
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        kind, home, budget, count, model = options.work
        work(kind, Path(home), int(budget), int(count), Path(model))
        return
    chosen = options.only or ["documents", "answers", "idle"]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder)
        if "answers" in chosen:
            from tests.tiny_model import build_tiny_model

            build_tiny_model(model, layers=8, hidden=512, vocabulary_size=4000, context=4096)
        for kind, count, unit in (
            ("documents", 40 if options.quick else 200, "passages"),
            ("answers", 4 if options.quick else 10, "tokens"),
        ):
            if kind in chosen:
                rows = [measured(kind, budget, count, model) for budget in (*options.budgets, 100)]
                title = (
                    f"{count} generated documents of 3,000 characters"
                    if kind == "documents"
                    else f"{count} answers of {ANSWER_TOKENS} tokens"
                )
                lines += [f"{title}, {os.cpu_count()} cores:", "", *table(rows, unit), ""]
    if "idle" in chosen:
        lines.append(idle(20 if options.quick else 60))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
