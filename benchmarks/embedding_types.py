"""Embedding in bfloat16 against float32: passages a second, and the cosines between the two; prints Markdown.

    python benchmarks/embedding_types.py [--rounds N]

500 passages of the shared sets (ERT_SHARED, else ../shared). The baseline is what a plain call does: float32, eight
passages at a time in the order they come. Each way is run in turn; medians of --rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

import numpy as np
from shared_sets import folder

from ert_core.analysis import analyse
from ert_core.embeddings import SentenceTransformerEmbeddings
from ert_core.loaders import SUPPORTED_SUFFIXES, load
from ert_core.passages import join_pages
from ert_core.sources import collect

PASSAGES, TIMED = 500, 160


def passages() -> list[str]:
    """Passages of the English and then of the French documents."""
    texts: list[str] = []
    for language in ("en", "fr"):
        for source in collect([folder() / language / "docs"], SUPPORTED_SUFFIXES).sources:
            if len(texts) < PASSAGES and source.path is not None:
                text, pages = join_pages(load(source.name, source.path.read_bytes()).pages)
                texts += [text[p.start : p.end] for p in analyse(text, pages).passages]
    return texts[:PASSAGES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    texts = passages()
    exact, halved = SentenceTransformerEmbeddings(), SentenceTransformerEmbeddings(dtype="bfloat16")

    def sorted_batches(model: SentenceTransformerEmbeddings, some: list[str]) -> np.ndarray:
        vectors = np.zeros((len(some), model.dimension), dtype=np.float32)
        for positions, batch in model.encode_in_batches(some):
            vectors[positions] = batch
        return vectors

    cosines = (sorted_batches(exact, texts) * sorted_batches(halved, texts)).sum(axis=1)
    some = texts[:: max(1, len(texts) // TIMED)]
    ways: dict[str, Callable[[], object]] = {
        "float32, batches of 8": lambda: [exact.encode_passages(some[i : i + 8]) for i in range(0, len(some), 8)],
        "float32, by length": lambda: sorted_batches(exact, some),
        "bfloat16, by length": lambda: sorted_batches(halved, some),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    rates = {name: len(some) / statistics.median(taken) for name, taken in seconds.items()}
    first = next(iter(rates.values()))
    print("| | passages/s | ratio |\n|---|---|---|")
    for name, rate in rates.items():
        print(f"| {name} | {rate:.0f} | {rate / first:.2f} |")
    print(
        f"\nCosine to float32 over {len(texts)} passages: least {cosines.min():.5f}, median {np.median(cosines):.5f}."
    )
    print(f"Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
