"""The steps, each run in a process of its own by `runner`: what is measured, and how.

A step prints lines of JSON: {"phase": NAME} begins something whose CPU is to be watched from outside,
{"phase": null} ends it, and the last line is {"figures": {...}}. Memory is resident memory in MB (10**6 bytes).
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ert_core.assistant import Assistant

LIBRARIES = ("torch", "transformers", "sentence_transformers", "faiss")
PROMPT = "argile sable roche nappe profondeur forage " * 40
FOLLOWING = "Et la profondeur du forage ?"


def tell(**what: Any) -> None:
    """A line for the process that looks on."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def resident() -> float:
    import psutil

    return round(float(psutil.Process().memory_info().rss) / 1e6, 1)


class Peak:
    """The highest resident memory between entering and leaving, sampled every 2 ms."""

    def __enter__(self) -> Peak:
        self.mb, self._done = resident(), threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.mb = max(self.mb, resident())

    def _sample(self) -> None:
        while not self._done.wait(0.002):
            self.mb = max(self.mb, resident())


@contextmanager
def _empty_library() -> Iterator[Assistant]:
    """An engine without documents, gone with its folder at the end."""
    from ert_core.assistant import Assistant
    from ert_core.settings import Settings

    with (
        tempfile.TemporaryDirectory(prefix="ert-bench-") as home,
        closing(Assistant(Settings.load(home=Path(home)))) as ert,
    ):
        yield ert


def paint(address: str, began: float, answered: float) -> None:
    """Seconds from the start of the server to the page in a browser; see `first_paint`."""
    from ert_core.bench.paint import first_paint

    seconds = first_paint(address, began, answered)
    tell(figures={} if seconds is None else {"first_paint_s": round(seconds, 2)})


def imports() -> None:
    """Seconds to import each large library, one after the other, and what the process holds after each."""
    import importlib

    figures: dict[str, Any] = {"memory_bare_mb": resident()}
    for name in LIBRARIES:
        began = time.perf_counter()
        importlib.import_module(name)
        figures[f"{name}_s"] = round(time.perf_counter() - began, 2)
        figures[f"memory_{name}_mb"] = resident()
    tell(figures=figures)


def documents(budgets: list[int], count: int) -> None:
    """Add `count` new documents of 3,000 characters under each budget."""
    from ert_core.bench.texts import report_text
    from ert_core.types import Source

    figures: dict[str, Any] = {}
    with _empty_library() as ert:
        ert.change_settings(cpu_budget=100)
        # The model is loaded, and what is needed once is done.
        list(ert.ingest([Source("first.md", report_text(-1).encode())]))
        for n, budget in enumerate(budgets):
            ert.change_settings(cpu_budget=budget)
            sources = [Source(f"{budget}-{k}.md", report_text(1000 * n + k).encode()) for k in range(count)]
            tell(phase=budget)
            began = time.perf_counter()
            passages = sum(e.report.passages for e in ert.ingest(sources) if e.report is not None)
            seconds = time.perf_counter() - began
            tell(phase=None)
            figures[str(budget)] = {"passages_per_s": round(passages / seconds, 1)}
        figures["memory_mb"] = resident()
    tell(figures=figures)


def search(sizes: list[int], questions: int) -> None:
    """Milliseconds of a search under the default budget, its embedding included, in growing made libraries."""
    from ert_core.bench.texts import MadeLibrary

    figures: dict[str, Any] = {}
    with _empty_library() as ert:
        made = MadeLibrary(ert)
        for size in sizes:
            ert.change_settings(cpu_budget=100)
            while made.passages < size:
                made.add()
            ert.change_settings(cpu_budget=None)
            taken = []
            for asked in [made.question() for _ in range(questions + 5)]:
                began = time.perf_counter()
                ert.search(asked)
                taken.append(1000 * (time.perf_counter() - began))
            taken = sorted(taken[5:])
            figures[str(size)] = {
                "p50_ms": round(statistics.median(taken), 1),
                "p95_ms": round(taken[max(0, -(-95 * len(taken) // 100) - 1)], 1),
                "memory_mb": resident(),
            }
            tell(done=size)
    tell(figures=figures)


def model(folder: str, budgets: list[int], tokens: int) -> None:
    """Load, ask cold and warm, write under each budget, unload."""
    import transformers.models.auto.modeling_auto  # noqa: F401 - what is imported once is not the model's memory

    from ert_core import cpu_budget
    from ert_core.language_model import LanguageModel

    llm = LanguageModel(folder)
    figures: dict[str, Any] = {"model": Path(folder).name, "memory_before_mb": resident()}
    began = time.perf_counter()
    with Peak() as peak:
        llm.load()
    figures |= {
        "dtype": llm.dtype,
        "load_s": round(time.perf_counter() - began, 2),
        "memory_peak_mb": peak.mb,
        "memory_loaded_mb": resident(),
    }
    question = [{"role": "user", "content": PROMPT}]
    answer = {"role": "assistant", "content": PROMPT[:400]}
    following = [*question, answer, {"role": "user", "content": FOLLOWING}]
    figures["prompt_tokens"] = llm.count_tokens(question)
    _answer(llm, question, 2)
    cold, warm = [], []
    for _ in range(3):
        llm.forget()
        _answer(llm, question, 1)
        llm.read_ahead([*question, answer])
        warm.append(_answer(llm, following, 1)["first"])
        llm.forget()
        cold.append(_answer(llm, following, 1)["first"])
    figures |= {"first_token_cold_s": statistics.median(cold), "first_token_warm_s": statistics.median(warm)}
    for budget in budgets:
        cpu_budget.apply(budget)
        tell(phase=budget)
        run = _answer(llm, question, tokens)
        tell(phase=None)
        figures[str(budget)] = {
            "tokens": run["tokens"],
            "tokens_per_s": round((run["tokens"] - 1) / max(1e-9, run["last"] - run["first"]), 1),
            "tokens_per_cpu_s": round(run["tokens"] / max(1e-9, run["cpu"]), 1),
        }
    cpu_budget.apply(100)
    figures["memory_answered_mb"] = resident()
    llm.unload()
    figures["memory_unloaded_mb"] = resident()
    tell(figures=figures)


def _answer(llm: Any, messages: list[dict[str, str]], tokens: int) -> dict[str, float]:
    """Seconds to the first and to the last token, and the CPU-seconds of all."""
    from ert_core.types import GenerationOptions

    began, cpu = time.perf_counter(), time.process_time()
    first = last = 0.0
    written = 0
    for step in llm.generate(messages, GenerationOptions(max_new_tokens=tokens)):
        if step.new_tokens and step.finish_reason is None:
            last = time.perf_counter() - began
            first = first or last
            written = step.new_tokens
    return {"first": round(first, 3), "last": last, "tokens": written, "cpu": time.process_time() - cpu}


STEPS: dict[str, Callable[..., None]] = {
    "paint": paint,
    "imports": imports,
    "documents": documents,
    "search": search,
    "model": model,
}
