"""Questions from the command line or from a file of questions, for `search` and `ask`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from ert_core.errors import QuestionError
from ert_core.locale import text


def add_question_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """One question, or `--batch` with a file of them."""
    either = parser.add_mutually_exclusive_group(required=True)
    either.add_argument("question", nargs="?", metavar="QUESTION", help=text("cli.question", language))
    either.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help=text("cli.batch", language))


def questions(options: argparse.Namespace) -> Iterator[str]:
    """The questions asked. Raises QuestionError naming the file and line that cannot be read."""
    if options.batch is None:
        yield options.question
        return
    try:
        lines = options.batch.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError("batch_unreadable", path=options.batch, reason=_reason(error)) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = json.loads(line)["question"]
            if not isinstance(question, str):
                raise TypeError("question is not a text")
        except (ValueError, KeyError, TypeError) as error:
            raise QuestionError("batch_line", path=options.batch, line=number) from error
        yield question


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
