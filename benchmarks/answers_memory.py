"""Memory over many answers, after unloading, and 20 questions at once; prints Markdown for docs/performance.md.

    python benchmarks/answers_memory.py [--answers N] [--model FOLDER]

The engine of the pages in this process; a small model of random weights for the answers (hidden 256, 4 layers,
40 tokens each), Qwen2.5-0.5B's shape (`qwen_shape.py`) for loading and unloading.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import psutil  # noqa: E402

from ert_core.assistant import Assistant  # noqa: E402
from ert_core.bench.texts import report_text  # noqa: E402
from ert_core.errors import QueueFullError  # noqa: E402
from ert_core.language_model import LanguageModel  # noqa: E402
from ert_core.settings import Settings  # noqa: E402
from ert_core.types import GenerationOptions, Source  # noqa: E402
from tests.tiny_model import build_tiny_model  # noqa: E402

SETTLED = 20


def resident() -> float:
    """MB."""
    return float(psutil.Process().memory_info().rss / 1e6)


def loading(model: Path) -> list[str]:
    """Levels around loading, an answer and unloading, three times."""
    question = [{"role": "user", "content": "argile sable roche " * 100}]
    small = LanguageModel(model)
    small.load()  # what torch and transformers bring in at first use stays
    list(small.generate(question, GenerationOptions(max_new_tokens=4)))
    small.unload()
    rows = []
    for n in range(3):
        gc.collect()
        before = resident()
        small.load()
        loaded = resident()
        list(small.generate(question, GenerationOptions(max_new_tokens=16)))
        answered = resident()
        small.unload()
        left = resident()
        rows.append(f"| {n + 1} | {before:.0f} | {loaded:.0f} | {answered:.0f} | {left:.0f} | {left - before:+.0f} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--model", type=Path, default=Path(tempfile.gettempdir()) / "qwen-shape")
    options = parser.parse_args()
    subprocess.run(
        [sys.executable, str(Path(__file__).with_name("qwen_shape.py")), str(options.model)], check=True, stdout=2
    )
    print("| round | before, MB | loaded | after an answer | unloaded | against before (asked: < 100) |")
    print("|---|---|---|---|---|---|", *loading(options.model), sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        home, model = Path(folder) / "home", Path(folder) / "model"
        build_tiny_model(model, hidden=256, layers=4, vocabulary_size=4000, context=4096)
        overrides = {"llm": str(model), "answer_mode": "written", "cpu_budget": 100, "max_new_tokens_cpu": 40}
        with closing(Assistant(Settings.load(home=home), overrides=overrides)) as ert:
            for _ in ert.ingest([Source(f"rapport-{n}.md", report_text(n).encode()) for n in range(20)]):
                pass
            levels = []
            conversation = ""
            for number in range(options.answers):
                if number % 5 == 0:
                    conversation = ert.conversations.start("?")
                for _ in ert.start_answer(f"Quel débit au rapport {number % 20} ?", conversation, anyway=True).follow():
                    pass
                levels.append(resident())
            growth = (levels[-1] - levels[SETTLED - 1]) / max(1, len(levels) - SETTLED)
            late = levels[len(levels) // 2 :]
            slope = statistics.linear_regression(range(len(late)), late).slope
            print(
                f"\n{len(levels)} answers: {levels[SETTLED - 1]:.0f} MB after {SETTLED}, {levels[-1]:.0f} MB after the "
                f"last: {growth:.3f} MB an answer (asked: at most 0.1); over the second half {slope:.3f}."
            )
            print("\n" + at_once(ert))
    print(f"\nLoad average {os.getloadavg()[0]:.1f}.")


def at_once(ert: Assistant) -> str:
    """20 questions at the same time from 20 conversations, and as many more as the queue refuses."""
    began = time.perf_counter()
    jobs = [
        ert.start_answer(f"Quelle profondeur au rapport {n} ?", ert.conversations.start("?"), anyway=True)
        for n in range(20)
    ]
    positions = [ert.answers.position(job) for job in jobs]
    refused, more = 0, []
    while not refused:
        try:
            more.append(ert.start_answer("Et la nappe ?", ert.conversations.start("?"), anyway=True))
        except QueueFullError:
            refused += 1
    for job in more:
        job.cancel()
    answered = sum(any(event.answer is not None for event in list(job.follow())) for job in jobs)
    return (
        f"20 questions at once: {answered} answered in {time.perf_counter() - began:.1f} s, positions "
        f"{positions[0]} to {positions[-1]}; the queue refused question {20 + len(more) + 1} with a sentence."
    )


if __name__ == "__main__":
    main()
