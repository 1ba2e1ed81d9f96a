"""`eval QUESTIONS.jsonl`: the search, the quotes and the refusals, measured."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ert_core.errors import QuestionError
from ert_core.evaluation import Evaluation, evaluate
from ert_core.evaluation_report import as_json, table
from ert_core.locale import text
from ert_core.question_sets import KnownQuestion, read_bytes, read_questions, read_unanswerable

# Progress is told so many times.
TOLD = 20
MISSES_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """The arguments of this command."""
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl", help=text("cli.eval.questions", language))
    parser.add_argument("--unanswerable", type=Path, metavar="FILE", help=text("cli.eval.unanswerable", language))
    parser.add_argument("--documents", type=Path, metavar="FOLDER", help=text("cli.eval.documents", language))


def run(options: argparse.Namespace, language: str) -> int:
    """Print a table and the first misses, or all as JSON with --json; progress goes to stderr."""
    with _library(options, language) as assistant:
        longest = assistant.settings.max_question_characters
        questions = read_questions(read_bytes(options.questions), options.questions.name, longest=longest)
        unanswerable: list[KnownQuestion] = []
        if options.unanswerable is not None:
            content = read_bytes(options.unanswerable)
            unanswerable = read_unanswerable(content, options.unanswerable.name, longest=longest)
        if options.documents is not None:
            _ingest(assistant, options.documents, language)
        result = None
        for event in evaluate(assistant, questions, unanswerable):
            if event.done % max(1, event.total // TOLD) == 0 and event.result is None:
                print(text("cli.eval.progress", language, done=event.done, total=event.total), file=sys.stderr)
            result = event.result
    if not isinstance(result, Evaluation):  # the last event of evaluate() always holds it
        raise RuntimeError("an evaluation ended without its result")
    print(json.dumps(as_json(result), ensure_ascii=False, indent=2) if options.json else _for_people(result, language))
    return 0


@contextmanager
def _library(options: argparse.Namespace, language: str) -> Iterator[Any]:
    """The user's own engine, or one on a temporary data directory, with the settings of --home if that is named."""
    from ert_core.cli import open_assistant

    if options.documents is None:
        with closing(open_assistant(options)) as own:
            yield own
        return
    overrides: dict[str, Any] = {}
    if options.home is not None:
        with closing(open_assistant(options)) as own:
            overrides = {name: value for name, value in asdict(own.settings).items() if name != "home"}
    with tempfile.TemporaryDirectory(prefix="ert-eval-") as folder:
        elsewhere = argparse.Namespace(home=Path(folder))
        with closing(open_assistant(elsewhere, **overrides)) as temporary:
            yield temporary


def _ingest(assistant: Any, folder: Path, language: str) -> None:
    """Add a folder; what could not be added is told on stderr. Raises QuestionError when nothing was."""
    from ert_core.loaders import SUPPORTED_SUFFIXES
    from ert_core.sources import collect, encodable

    for event in assistant.ingest(collect([folder], SUPPORTED_SUFFIXES).sources):
        report = event.report
        if report is None:
            continue
        line = text("cli.eval.adding", language, name=report.name, number=event.index + 1, total=event.total)
        print(line, file=sys.stderr)
        if report.error is not None:
            print(" ".join(report.error.in_language(language)), file=sys.stderr)
    if not assistant.library.store.count():
        raise QuestionError("measure_folder_empty", path=encodable(str(folder)))


def _for_people(evaluation: Evaluation, language: str) -> str:
    heads, rows = table(evaluation, language)
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = [
        text(
            "quality.library",
            language,
            documents=evaluation.documents,
            passages=evaluation.passages,
            characters=round(evaluation.library_characters),
        ),
        "",
    ]
    for first, *others in [heads, *rows]:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    if evaluation.unknown_documents:
        lines += ["", text("quality.unknown_documents", language, names=", ".join(evaluation.unknown_documents))]
    if evaluation.misses:
        lines += ["", text("cli.eval.misses", language, count=len(evaluation.misses))]
    for miss in evaluation.misses[:MISSES_SHOWN]:
        lines.append(
            "– "
            + text(
                "cli.eval.miss",
                language,
                question=miss.question,
                expected=miss.document or text("quality.any_document", language),
                rank=miss.rank or "–",
                found=miss.found[0].document if miss.found else "–",
            )
        )
    if len(evaluation.misses) > MISSES_SHOWN:
        lines.append(text("cli.eval.more", language, count=len(evaluation.misses) - MISSES_SHOWN))
    return "\n".join(lines)
