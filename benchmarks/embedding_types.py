"""Embedding in bfloat16 against float32: passages a second, and the cosines between the two; prints Markdown.

    python benchmarks/embedding_types.py [--rounds N]

At least 500 passages (`real_texts.py`), embedded whole. The baseline is sentence-transformers' own call in float32 with
batches of 8, which sorts by length itself; "as they come" is what a loop over batches does. Each way is run in turn;
medians of --rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from real_texts import passages, sentences

from ert_core.cpu_precision import bfloat16_pays
from ert_core.embeddings import SentenceTransformerEmbeddings

PASSAGES = 500
BAR, COSINE_BAR = 2.5, 0.999


class Padding:
    """The share of the tokens that a model computes with and that are padding."""

    def __init__(self, model: SentenceTransformerEmbeddings) -> None:
        model.load()
        self._all = self._real = 0
        model._model[0].register_forward_pre_hook(self._count, with_kwargs=True)  # type: ignore[index]

    def _count(self, _: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        mask = (arguments[0] if arguments else named["features"])["attention_mask"]
        self._all += mask.numel()
        self._real += int(mask.sum())

    def share(self, run: Callable[[], object]) -> float:
        self._all = self._real = 0
        run()
        return 1 - self._real / self._all


def by_length(model: SentenceTransformerEmbeddings, texts: list[str]) -> np.ndarray:
    """Unit vectors, shape (len(texts), dimension), as ERT embeds what it adds."""
    vectors = np.zeros((len(texts), model.dimension), dtype=np.float32)
    for positions, batch in model.encode_in_batches(texts):
        vectors[positions] = batch
    return vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    options = parser.parse_args()
    texts = passages(options.passages)
    exact, halved = SentenceTransformerEmbeddings(), SentenceTransformerEmbeddings(dtype="bfloat16")
    padding = {id(model): Padding(model) for model in (exact, halved)}

    ways: dict[str, tuple[SentenceTransformerEmbeddings, Callable[[], object]]] = {
        "float32, batches of 8": (exact, lambda: exact.encode_passages(texts)),
        "float32, batches of 8 as they come": (
            exact,
            lambda: [exact.encode_passages(texts[i : i + 8]) for i in range(0, len(texts), 8)],
        ),
        "float32, ERT's batches": (exact, lambda: by_length(exact, texts)),
        "bfloat16, ERT's batches": (halved, lambda: by_length(halved, texts)),
    }
    # Also what each library does at its first calls.
    shares = {name: padding[id(model)].share(run) for name, (model, run) in ways.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, (_, run) in ways.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    rates = {name: len(texts) / statistics.median(taken) for name, taken in seconds.items()}
    first, last = list(rates.values())[0], list(rates.values())[-1]
    print("| | passages/s | ratio | padding, of all tokens |\n|---|---|---|---|")
    for name, rate in rates.items():
        print(f"| {name} | {rate:.0f} | {rate / first:.2f} | {shares[name]:.1%} |")
    parts = sorted({s for text in texts for s in sentences(text)})
    print("\n| cosine to float32 | least | median |\n|---|---|---|")
    least = {}
    for name, some in ((f"{len(texts)} passages", texts), (f"their {len(parts)} sentences", parts)):
        cosines = (by_length(exact, some) * by_length(halved, some)).sum(axis=1)
        least[name] = float(cosines.min())
        print(f"| {name} | {least[name]:.5f} | {np.median(cosines):.5f} |")
    print(f"\nAsked: {BAR} times ({verdict(last / first >= BAR)}); ", end="")
    print(f"cosine {COSINE_BAR} on every passage ({verdict(next(iter(least.values())) >= COSINE_BAR)}).", end=" ")
    print(f"bfloat16 is the type ERT chooses on this processor: {'yes' if bfloat16_pays() else 'no'}.", end=" ")
    print(f"Medians of {options.rounds}; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


def verdict(met: bool) -> str:
    return "met" if met else "missed"


if __name__ == "__main__":
    main()
