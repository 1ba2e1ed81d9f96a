"""Measure retrieval, quotes and refusals on the shared question sets; prints a Markdown table.

    python benchmarks/retrieval.py [--shared FOLDER]

The sets (`eval/` of the shared folder: ERT_SHARED, else ../shared) are not part of the project. Each row is
one run of `python -m ert_core eval`, on a temporary data directory.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import ert_core  # noqa: E402, F401  # the thread limits come first
from ert_core.assistant import Assistant  # noqa: E402
from ert_core.evaluation import Evaluation, evaluate  # noqa: E402
from ert_core.evaluation_report import markdown_table  # noqa: E402
from ert_core.loaders import SUPPORTED_SUFFIXES  # noqa: E402
from ert_core.question_sets import read_bytes, read_questions, read_unanswerable  # noqa: E402
from ert_core.settings import Settings  # noqa: E402
from ert_core.sources import collect  # noqa: E402

# Name of the row -> (questions, documents), folders of `eval/`.
SETS = {
    "French questions, French documents": ("fr", "fr"),
    "English questions, English documents": ("en", "en"),
    "French questions, English documents": ("fr-on-en", "en"),
    "English questions, French documents": ("en-on-fr", "fr"),
}


def shared_folder(named: Path | None = None) -> Path:
    """The folder with `eval/`. Exits with a message when it is not there."""
    folder = named or Path(os.environ.get("ERT_SHARED") or REPOSITORY.parent / "shared")
    if not (folder / "eval").is_dir():
        sys.exit(f"No question sets in {folder}: name the shared folder in ERT_SHARED or with --shared.")
    return folder


def measure(folder: Path, questions: str, documents: str) -> Evaluation:
    """Ingest `documents` into a temporary data directory and ask `questions`."""
    with (
        tempfile.TemporaryDirectory(prefix="ert-benchmark-") as home,
        closing(Assistant(Settings.load(home=Path(home)))) as assistant,
    ):
        longest = assistant.settings.max_question_characters
        answerable = folder / questions / "questions.jsonl"
        without = folder / questions / "unanswerable.jsonl"
        asked = read_questions(read_bytes(answerable), str(answerable), longest=longest)
        unanswerable = read_unanswerable(read_bytes(without), str(without), longest=longest) if without.exists() else []
        for event in assistant.ingest(collect([folder / documents / "docs"], SUPPORTED_SUFFIXES).sources):
            if event.report is not None and event.report.error is not None:
                raise event.report.error
        result = None
        for progress in evaluate(assistant, asked, unanswerable):
            if progress.done % 50 == 0:
                print(f"{questions}: {progress.done} of {progress.total}", file=sys.stderr, flush=True)
            result = progress.result
    if not isinstance(result, Evaluation):
        raise RuntimeError("an evaluation ended without its result")
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path)
    folder = shared_folder(parser.parse_args().shared) / "eval"
    print(markdown_table({name: measure(folder, *of) for name, of in SETS.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
