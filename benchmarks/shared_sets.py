"""The question sets of `../shared/eval` (or `$ERT_SHARED/eval`) and libraries of their documents, for benchmarks."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from ert_core.assistant import Assistant  # noqa: E402
from ert_core.settings import Settings  # noqa: E402
from ert_core.types import Passage, Source  # noqa: E402

# name -> (language of the documents, language of the questions)
SETS = {"fr": ("fr", "fr"), "en": ("en", "en"), "fr-on-en": ("en", "fr"), "en-on-fr": ("fr", "en")}


def folder() -> Path:
    """Where the sets are; ends the program with a sentence when they are not there."""
    found = Path(os.environ.get("ERT_SHARED", REPOSITORY.parent / "shared")) / "eval"
    if not found.is_dir():
        sys.exit(f"The question sets are not at {found}: set ERT_SHARED to the folder that holds eval/.")
    return found


def questions(name: str, file: str = "questions") -> list[dict[str, Any]]:
    """The questions of one set, as its README describes them."""
    lines = (folder() / name / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def library(home: Path, *languages: str, model: str = "") -> Assistant:
    """A library of the documents in some languages, in the data directory `home`."""
    assistant = Assistant(Settings.load(home=home), overrides={"embedding_model": model})
    if not assistant.library.store.count():
        paths = [path for language in languages for path in sorted((folder() / language / "docs").glob("*.txt"))]
        for event in assistant.ingest([Source(path.name, path=path) for path in paths]):
            if event.report is not None and event.report.status != "added":
                sys.exit(f"{event.report.name}: {event.report.status}")
    return assistant


def holds(text: str, answers: list[str]) -> bool:
    """Whether a text holds one of the answers, case folded, white space normalised."""
    normal = " ".join(text.casefold().split())
    return any(" ".join(answer.casefold().split()) in normal for answer in answers)


def hit(question: dict[str, Any], document: str, passage: Passage) -> bool:
    """Whether a passage of `document` answers the question."""
    return document == question["document"] and holds(passage.text, question["answers"])
