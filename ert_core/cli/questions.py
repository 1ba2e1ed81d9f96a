"""Questions from the command line or from a file of questions, for `search` and `ask`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from ert_core.errors import QuestionError
from ert_core.locale import text
from ert_core.sources import encodable


def add_question_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """One question, or `--batch` with a file of them."""
    either = parser.add_mutually_exclusive_group(required=True)
    either.add_argument("question", nargs="?", metavar="QUESTION", help=text("cli.question", language))
    either.add_argument("--batch", type=Path, metavar="QUESTIONS.jsonl", help=text("cli.batch", language))


def for_each_question(options: argparse.Namespace, language: str, answer: Callable[[str], None]) -> int:
    """Call `answer` with each question; returns the exit code.

    The whole file of questions is read first: a line that cannot be read ends the command before
    anything is answered (QuestionError). Of a file, an empty or too long question is told in its place
    and the next one follows; then the exit code is 1.
    """
    code = 0
    for number, question in enumerate(_questions(options), start=1):
        try:
            answer(question)
        except QuestionError as error:
            if options.batch is None or error.code not in ("question_empty", "question_long"):
                raise
            code = 1
            message, remedy = error.in_language(language)
            if options.json:
                print(json.dumps({"question": question, "error": message}, ensure_ascii=False), flush=True)
            else:
                print(text("cli.batch.refused", language, number=number, reason=f"{message} {remedy}"), flush=True)
    return code


def _questions(options: argparse.Namespace) -> list[str]:
    if options.batch is None:
        return [encodable(options.question)]
    try:
        content = options.batch.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError("batch_unreadable", path=options.batch, reason=_reason(error)) from error
    found = []
    # Not str.splitlines: a JSON text may hold U+2028 or U+0085 as they are.
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            question = json.loads(line)["question"]
            if not isinstance(question, str):
                raise TypeError("question is not a text")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise QuestionError("batch_line", path=options.batch, line=number) from error
        found.append(encodable(question))
    return found


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
