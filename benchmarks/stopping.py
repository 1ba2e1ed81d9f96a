"""Stop at any moment of an answer: how soon computing ends, and the next question starts. Prints Markdown.

    python benchmarks/stopping.py [--stops N] [--model FOLDER]

The engine of the pages in this process, a model of 24 layers of 512 made for it, budget 100 %. Each stop falls at a
random moment of one of four kinds: while it waits behind another answer, in the prompt, at the first token, in the
middle. Computing has ended when the process uses less than a tenth of a core over 50 ms.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ert_core.assistant import Assistant
from ert_core.bench.texts import report_text
from ert_core.jobs import Job
from ert_core.settings import Settings
from ert_core.types import AnswerEvent, Source
from tests.tiny_model import build_tiny_model

MOMENTS = ("queued", "prompt", "first token", "middle")
LIMIT = 1.0


def quiet_after(limit: float = 15.0) -> float:
    """Seconds until this process computes no more."""
    began = time.perf_counter()
    while time.perf_counter() - began < limit:
        cpu, at = time.process_time(), time.perf_counter()
        time.sleep(0.05)
        if time.process_time() - cpu < 0.1 * (time.perf_counter() - at):
            return at - began
    return limit


def reach(job: Job[AnswerEvent], moment: str, chance: random.Random) -> None:
    """Come back at a random point of the moment."""
    if moment == "queued":
        time.sleep(chance.uniform(0, 0.3))
        return
    wanted = {"prompt": "reading_sources", "first token": "writing", "middle": "writing"}[moment]
    seen = 0
    while not job.done:
        events = job.events(seen, timeout=0.01)
        seen += len(events)
        if any(event.step == wanted for event in events):
            break
    if moment == "prompt":
        time.sleep(chance.uniform(0, 0.4))
    elif moment == "middle":
        time.sleep(chance.uniform(0.2, 2.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stops", type=int, default=100)
    parser.add_argument("--model", type=Path, default=Path(tempfile.gettempdir()) / "ert-stopping-model")
    options = parser.parse_args()
    if not (options.model / "model.safetensors").is_file():
        texts = [report_text(number) for number in range(20)]
        build_tiny_model(options.model, vocabulary_texts=texts, layers=24, hidden=512, context=8192)
    chance = random.Random(0)
    ended: dict[str, list[float]] = {moment: [] for moment in MOMENTS}
    kept = marked = wrong = 0
    next_starts: list[float] = []
    # One passage: a short prompt, so that a hundred answers take three minutes.
    overrides = {"llm": str(options.model), "answer_mode": "written", "cpu_budget": 100, "passages": 1}
    with (
        tempfile.TemporaryDirectory() as home,
        closing(Assistant(Settings.load(home=Path(home)), overrides=overrides)) as ert,
    ):
        for _ in ert.ingest([Source(f"rapport-{n}.md", report_text(n).encode()) for n in range(20)]):
            pass

        def ask(number: int) -> tuple[Job[AnswerEvent], str]:
            conversation = ert.conversations.start("?")
            question = f"Quelle est la profondeur du forage dans le rapport {number % 20} ?"
            return ert.start_answer(question, conversation, anyway=True), conversation

        first, _ = ask(0)  # loads the model
        first.cancel()
        list(first.follow())
        quiet_after()
        threads = set(threading.enumerate())
        tokens = token_seconds(ask(1)[0])
        for number in range(options.stops):
            moment = MOMENTS[number % len(MOMENTS)]
            before = ask(number + 100)[0] if moment == "queued" else None
            job, conversation = ask(number)
            reach(job, moment, chance)
            done = job.done
            for asked in filter(None, (job, before)):
                asked.cancel()
            ended[moment].append(quiet_after())
            answers = [event.answer for event in job.events() if event.answer is not None]
            if answers and not done:
                marked += answers[-1].finish_reason == "cancelled"
                kept += ert.conversations.messages(conversation)[-1].answer is not None
            if number % 10 == 0:
                asked_at = time.perf_counter()
                following, _ = ask(number + 50)
                following.events(0, timeout=10)
                next_starts.append(time.perf_counter() - asked_at)
                following.cancel()
                quiet_after()
            wrong += job.error is not None
        left = [t.name for t in threading.enumerate() if t not in threads and "ert-answers" in t.name]
    bound = LIMIT + tokens
    print("| moment | stops | median, s | longest, s | within the bar |\n|---|---|---|---|---|")
    for moment, seconds in ended.items():
        within = sum(value <= bound for value in seconds)
        print(
            f"| {moment} | {len(seconds)} | {statistics.median(seconds):.2f} | {max(seconds):.2f} | "
            f"{within} of {len(seconds)} |"
        )
    total = sum(len(seconds) for seconds in ended.values())
    print(f"\nBar: 1 second and one token ({1e3 * tokens:.0f} ms). {total} stops, {wrong} errors; ", end="")
    print(f"{marked} partial answers marked, {kept} kept in the conversation; threads left: {len(left)}. ", end="")
    print(f"The next question's first step after {1e3 * statistics.median(next_starts):.0f} ms (median). ", end="")
    print(f"Load average {os.getloadavg()[0]:.1f}.")


def token_seconds(job: Job[AnswerEvent]) -> float:
    """Seconds a token takes, from an answer that is then stopped."""
    times: list[float] = []
    seen = 0
    while not job.done and len(times) < 12:
        events = job.events(seen, timeout=5)
        seen += len(events)
        times += [time.perf_counter() for event in events if event.delta]
    job.cancel()
    quiet_after()
    return statistics.median(b - a for a, b in zip(times, times[1:], strict=False)) if len(times) > 2 else 0.1


if __name__ == "__main__":
    main()
