"""Milliseconds of a search, the question's embedding included, in libraries of 1,000 to 100,000 passages.

    python benchmarks/search_latency.py [--passages 1000 10000 100000] [--questions 300]

The passages are made of words drawn from a Zipf law, in sentences, with random vectors; questions are made
of such words too (and are embedded by the real model, warm). Prints Markdown.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
from shared_sets import REPOSITORY  # noqa: F401  # puts the repository on the path

from ert_core.assistant import Assistant
from ert_core.bench.texts import MadeLibrary
from ert_core.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--questions", type=int, default=300)
    options = parser.parse_args()
    print("| passages | p50 (ms) | p95 | p99 |\n|---|---|---|---|")
    for size in options.passages:
        with tempfile.TemporaryDirectory() as home, closing(Assistant(Settings.load(home=Path(home)))) as assistant:
            made = MadeLibrary(assistant)
            while made.passages < size:
                made.add()
            taken = []
            for question in [made.question() for _ in range(options.questions + 20)]:
                started = time.perf_counter()
                assistant.search(question)
                taken.append(1000 * (time.perf_counter() - started))
            p50, p95, p99 = np.percentile(taken[20:], [50, 95, 99])
            print(f"| {size:,} | {p50:.1f} | {p95:.1f} | {p99:.1f} |", flush=True)


if __name__ == "__main__":
    main()
