"""The question sets of `../shared/eval` (or `$ERT_SHARED/eval`) and libraries of their documents, for benchmarks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import ert_core  # noqa: E402, F401  # the thread limits come first
from ert_core.assistant import Assistant  # noqa: E402
from ert_core.loaders import SUPPORTED_SUFFIXES  # noqa: E402
from ert_core.question_sets import KnownQuestion, read_bytes, read_questions, read_unanswerable  # noqa: E402
from ert_core.settings import Settings  # noqa: E402
from ert_core.sources import collect  # noqa: E402

# name -> (language of the documents, language of the questions)
SETS = {"fr": ("fr", "fr"), "en": ("en", "en"), "fr-on-en": ("en", "fr"), "en-on-fr": ("fr", "en")}
LONGEST_QUESTION = 4000


def folder() -> Path:
    """Where the sets are; ends the program with a sentence when they are not there."""
    shared = Path(os.environ.get("ERT_SHARED") or REPOSITORY.parent / "shared")
    if not (shared / "eval").is_dir():
        sys.exit(f"No question sets in {shared}: name the shared folder in ERT_SHARED.")
    return shared / "eval"


def questions(name: str) -> list[KnownQuestion]:
    """The questions of one set."""
    path = folder() / name / "questions.jsonl"
    return read_questions(read_bytes(path), str(path), longest=LONGEST_QUESTION)


def unanswerable(name: str) -> list[KnownQuestion]:
    """The questions of one set that its documents do not answer; none when it has no such file."""
    path = folder() / name / "unanswerable.jsonl"
    return read_unanswerable(read_bytes(path), str(path), longest=LONGEST_QUESTION) if path.exists() else []


def library(home: Path, language: str, model: str = "") -> Assistant:
    """A library of the documents in one language, in the data directory `home`."""
    assistant = Assistant(Settings.load(home=home), overrides={"embedding_model": model})
    for event in assistant.ingest(collect([folder() / language / "docs"], SUPPORTED_SUFFIXES).sources):
        if event.report is not None and event.report.error is not None:
            raise event.report.error
    return assistant
