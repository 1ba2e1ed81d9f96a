"""Milliseconds of a search, the question's embedding included, in libraries of 1,000 to 100,000 passages.

    python benchmarks/search_latency.py [--passages 1000 10000 100000] [--questions 300]

The passages are made of words drawn from a Zipf law, in sentences, with random vectors; questions are made
of such words too (and are embedded by the real model, warm). Prints Markdown.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

import numpy as np
from shared_sets import REPOSITORY  # noqa: F401  # puts the repository on the path

from ert_core.analysis import Analysis, Sentence
from ert_core.assistant import Assistant
from ert_core.document_store import NewDocument
from ert_core.languages import stem
from ert_core.passages import PageSpan, PassageSpan
from ert_core.sentence_vectors import SCALE, PassageVector
from ert_core.settings import Settings

PASSAGES_PER_DOCUMENT = 200
SENTENCES, WORDS = 6, 20
VOCABULARY = 200_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--questions", type=int, default=300)
    options = parser.parse_args()
    rng = random.Random(0)
    vectors = np.random.default_rng(0)
    letters = "abcdefghijlmnoprstuv"
    vocabulary = list({"".join(rng.choices(letters, k=rng.randint(4, 11))) for _ in range(VOCABULARY)})
    # Summed once: random.choices would sum plain weights at every call.
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(vocabulary))))
    print("| passages | p50 (ms) | p95 | p99 |\n|---|---|---|---|")
    for size in options.passages:
        with tempfile.TemporaryDirectory() as home:
            assistant = Assistant(Settings.load(home=Path(home)))
            model = assistant.embedders.wanted_name()
            for first in range(0, size, PASSAGES_PER_DOCUMENT):
                add(assistant, first, vocabulary, weights, rng, vectors, model)
            asked = (rng.choices(vocabulary, cum_weights=weights, k=8) for _ in range(options.questions + 20))
            questions = [" ".join(words) + " ?" for words in asked]
            taken = []
            for question in questions:
                started = time.perf_counter()
                assistant.search(question)
                taken.append(1000 * (time.perf_counter() - started))
            p50, p95, p99 = np.percentile(taken[20:], [50, 95, 99])
            print(f"| {size:,} | {p50:.1f} | {p95:.1f} | {p99:.1f} |", flush=True)
            assistant.close()


def add(
    assistant: Assistant,
    number: int,
    vocabulary: list[str],
    weights: list[float],
    rng: random.Random,
    vectors: np.random.Generator,
    model: str,
) -> None:
    """Save one document of PASSAGES_PER_DOCUMENT passages, as ingestion does."""
    parts, spans, sentences, made, position = [], [], [], [], 0
    for _ in range(PASSAGES_PER_DOCUMENT):
        lines, inside, end = [], [], 0
        for _ in range(SENTENCES):
            words = rng.choices(vocabulary, cum_weights=weights, k=WORDS)
            line = " ".join(words) + "."
            inside.append(Sentence(end, end + len(line), tuple(stem(w, "fr") for w in words)))
            lines.append(line)
            end += len(line) + 1
        text = " ".join(lines)
        parts.append(text)
        spans.append(PassageSpan(None, position, position + len(text)))
        position += len(text) + 1
        sentences.append(inside)
        own = vectors.normal(size=(SENTENCES, 384)).astype(np.float32)
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        mean = own.sum(0)
        made.append(PassageVector(mean / np.linalg.norm(mean), np.round(own * SCALE).astype(np.int8)))
    text = "\n".join(parts)
    document = NewDocument(
        id=f"{number:064x}",
        name=f"document-{number}.txt",
        media_type="text/plain",
        content=b"",
        text=text,
        pages=[PageSpan(None, 0, len(text))],
        analysis=Analysis("fr", spans, sentences, [""] * len(spans)),
        vectors={model: made},
    )
    if assistant.library.store.add(document) != "saved":
        sys.exit("a document was not saved")


if __name__ == "__main__":
    main()
