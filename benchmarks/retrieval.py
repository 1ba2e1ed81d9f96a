"""Measure retrieval, quotes and refusals on the shared question sets; prints a Markdown table.

    python benchmarks/retrieval.py

The sets (`eval/` of the shared folder: ERT_SHARED, else ../shared) are not part of the project. Each row is
one run of `python -m ert_core eval`, on a temporary data directory.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from shared_sets import SETS, library, questions, unanswerable

from ert_core.evaluation import Evaluation, evaluate
from ert_core.evaluation_report import markdown_table

LANGUAGES = {"fr": "French", "en": "English"}


def measure(name: str, documents: str) -> Evaluation:
    """Ingest the documents of a set into a temporary data directory and ask its questions."""
    with tempfile.TemporaryDirectory(prefix="ert-benchmark-") as home, closing(library(Path(home), documents)) as ert:
        result = None
        for progress in evaluate(ert, questions(name), unanswerable(name)):
            if progress.done % 50 == 0:
                print(f"{name}: {progress.done} of {progress.total}", file=sys.stderr, flush=True)
            result = progress.result
    if not isinstance(result, Evaluation):
        raise RuntimeError("an evaluation ended without its result")
    return result


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(
        markdown_table(
            {
                f"{LANGUAGES[asked]} questions, {LANGUAGES[documents]} documents": measure(name, documents)
                for name, (documents, asked) in SETS.items()
            }
        )
    )


if __name__ == "__main__":
    main()
