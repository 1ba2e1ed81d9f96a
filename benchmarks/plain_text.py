"""Adding plain text: from the files given to the answerable index; prints Markdown for docs/performance.md.

    python benchmarks/plain_text.py [--rounds N]

About 1 MB in both languages, no passage twice (`real_texts.py`). One process does ERT's work in a fresh library (this
file with --work); this one reads the CPU time and the memory of its process tree, from outside. It starts with nothing
loaded: the models' libraries and the weights are a part of what adding costs. Open WebUI 0.12.4 on this kind of
machine took 12 kB/s at 93 % of two cores: 6.45 kB per CPU-second.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from turns import BARE_ENVIRONMENT, CORES, REPOSITORY

sys.path.insert(0, str(REPOSITORY))

SIZE = 1_000_000
OPEN_WEBUI = 12.0 / (0.93 * 2)  # kB per CPU-second
BAR = 4.0


def work(home: Path, folder: Path, budget: int) -> None:
    """The measured process: start, add, search; it says when, and waits to be looked at."""
    from ert_core.assistant import Assistant
    from ert_core.loaders import SUPPORTED_SUFFIXES
    from ert_core.settings import Settings
    from ert_core.sources import collect

    with closing(Assistant(Settings.load(home=home), overrides={"cpu_budget": budget})) as ert:
        tell({})
        files = list(collect([folder], SUPPORTED_SUFFIXES).sources)
        reports = [e.report for e in ert.start_ingest(files).follow() if e.report is not None]
        answerable = [bool(ert.search(question).passages) for question in ("Who won the game?", "Qui a gagné ?")]
        if [r for r in reports if r.status != "added"] or not all(answerable):
            raise SystemExit(f"not everything was added: {[r for r in reports if r.status != 'added']}")
        tell({"files": len(reports), "passages": sum(r.passages for r in reports)})


def tell(figures: dict[str, int]) -> None:
    print(json.dumps(figures), flush=True)
    sys.stdin.readline()


def measure(folder: Path, size: int, budget: int) -> dict[str, float]:
    """One run in a fresh library."""
    import psutil

    from ert_core.process_tree import cpu_seconds, read_tree

    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, __file__, "--work", home, str(folder), str(budget)]
        began = time.monotonic()
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, cwd=REPOSITORY, env=BARE_ENVIRONMENT
        ) as child:
            assert child.stdin is not None and child.stdout is not None
            child.stdout.readline()
            started = time.monotonic() - began
            root = psutil.Process(child.pid)
            before = read_tree(root)
            child.stdin.write("\n")
            child.stdin.flush()
            said = child.stdout.readline()
            if not said:
                raise SystemExit("the measured process failed")
            after = read_tree(root)
            child.stdin.write("\n")
            child.stdin.flush()
    cpu, wall = cpu_seconds(before, after), after.at - before.at
    return {
        "started": started,
        "mb at start": before.resident / 1e6,
        "mb after": after.resident / 1e6,
        "kB/s": size / 1e3 / wall,
        "share": 100 * cpu / wall / CORES,
        "cpu": cpu,
        "kB per CPU-second": size / 1e3 / cpu,
        **json.loads(said),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budgets", type=int, nargs="+", default=[100, 50])
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of text")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(Path(options.work[0]), Path(options.work[1]), int(options.work[2]))
        return
    from real_texts import files

    texts = files(options.size)
    size = sum(len(text.encode()) for text in texts)
    runs: dict[int, list[dict[str, float]]] = {budget: [] for budget in options.budgets}
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            (Path(folder) / f"{number:03}.txt").write_text(text, encoding="utf-8")
        for _ in range(options.rounds):
            for budget, found in runs.items():
                found.append(measure(Path(folder), size, budget))
    one = next(iter(runs.values()))[0]
    print(f"{one['files']} files, {size / 1e3:.0f} kB, {one['passages']} passages; medians of {options.rounds}.\n")
    print("| | s to start | MB at start | MB after | kB/s | CPU, % of the machine | CPU-seconds ", end="")
    print("| kB per CPU-second | times Open WebUI's |\n|---|---|---|---|---|---|---|---|---|")
    for budget, found in runs.items():
        m = {key: statistics.median(run[key] for run in found) for key in found[0]}
        ratio = m["kB per CPU-second"] / OPEN_WEBUI
        print(
            f"| ERT, budget {budget} % | {m['started']:.1f} | {m['mb at start']:.0f} | {m['mb after']:.0f} | "
            f"{m['kB/s']:.1f} | {m['share']:.0f} % | {m['cpu']:.1f} | {m['kB per CPU-second']:.1f} | "
            f"{ratio:.1f} (asked: {BAR:.0f}, {'met' if ratio >= BAR else 'missed'}) |"
        )
    print(f"| Open WebUI 0.12.4, seen before | 16 | 840 | 1100 | 12 | 93 % | | {OPEN_WEBUI:.2f} | 1 |")
    print("\nERT's start here is its engine's, without the server of the pages, which Open WebUI's has.", end=" ")
    print(f"Load average {os.getloadavg()[0]:.1f} on {CORES} cores.")


if __name__ == "__main__":
    main()
