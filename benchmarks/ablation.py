"""What each ingredient of the search brings: the sets of `../shared/eval` with one of them taken away at a time.

    python benchmarks/ablation.py [--model NAME] [--json]

A library of its own for the French and for the English documents. Prints Markdown; progress on stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from shared_sets import SETS, library, questions

from ert_core import keyword_index, ranking, retrieval
from ert_core.assistant import Assistant
from ert_core.quotes import choose_quotes


@contextmanager
def weights(**changes: float) -> Iterator[None]:
    """The weights of passages with some of them changed."""
    with patch.object(retrieval, "WEIGHTS", replace(retrieval.WEIGHTS, **changes)):
        yield


@contextmanager
def only_the_passage() -> Iterator[None]:
    """BM25 of stems and the cosine of the passage: the search of ERT 0.1."""
    with (
        weights(words=1.0, mean=0.5, nearest=0.0, covered=0.0, kind=0.0),
        patch.object(ranking, "SUBJECT_CREDIT", 0.0),
        patch.object(keyword_index, "FAMILY_WEIGHT", 0.0),
    ):
        yield


VARIANTS = {
    "everything": weights,
    "without the nearest sentence's cosine": lambda: weights(nearest=0.0),
    "without any vector": lambda: weights(nearest=0.0, mean=0.0),
    "without words in one sentence": lambda: weights(covered=0.0),
    "without the kind asked for": lambda: weights(kind=0.0),
    "without word families": lambda: patch.object(keyword_index, "FAMILY_WEIGHT", 0.0),
    "without the document's subject": lambda: patch.multiple(ranking, SUBJECT_CREDIT=0.0, SENTENCE_SUBJECT_CREDIT=0.0),
    "BM25 of stems and the cosine of the mean only": only_the_passage,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as home:
        libraries = {c: library(Path(home) / c, c, options.model) for c in ("fr", "en")}
        for variant, changed in VARIANTS.items():
            with changed():
                figures[variant] = {name: measured(libraries[docs], name) for name, (docs, _) in SETS.items()}
            print(variant, figures[variant], file=sys.stderr, flush=True)
    if options.json:
        print(json.dumps(figures))
        return
    print("hit@1 / @3 / @5 of the passages · the answer in the first quote / in one of three\n")
    print("| | " + " | ".join(f"{name} ({len(questions(name))})" for name in SETS) + " |")
    print("|---" * (len(SETS) + 1) + "|")
    for variant, row in figures.items():
        cells = [f"{a:.3f} / {b:.3f} / {c:.3f} · {d:.2f} / {e:.2f}" for a, b, c, d, e in row.values()]
        print(f"| {variant} | " + " | ".join(cells) + " |")


def measured(assistant: Assistant, name: str) -> list[float]:
    """hit@1, @3, @5, first quote, one of three quotes."""
    counts = [0] * 5
    asked = questions(name)
    for question in asked:
        found = assistant.search(question.question, 5).passages
        right = [question.answered_by(p.document_name, p.passage.text) for p in found]
        quotes = [question.answered_by(c.document, c.quote) for c in choose_quotes(question.question, found)]
        for i, seen in enumerate((right[:1], right[:3], right, quotes[:1], quotes)):
            counts[i] += any(seen)
    return [round(count / len(asked), 4) for count in counts]


if __name__ == "__main__":
    main()
