"""`bench`: what ERT costs on this machine."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing

from ert_core.locale import text


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """The arguments of this command."""
    parser.add_argument("--model", metavar="FOLDER", help=text("cli.bench.model_help", language))


def run(options: argparse.Namespace, language: str) -> int:
    """Measure, telling each step on stderr; a table and then JSON, with --json the JSON alone."""
    from ert_core.bench.report import table
    from ert_core.bench.runner import measure
    from ert_core.cli import open_assistant
    from ert_core.language_model import LanguageModel

    model = options.model
    if model is None:
        with closing(open_assistant(options)) as own:
            model = own.settings.llm
    if model:
        LanguageModel(model).folder  # noqa: B018 - refused at once, not after minutes

    def progress(step: str) -> None:
        print(text(f"cli.bench.step.{step}", language), file=sys.stderr, flush=True)

    figures = measure(model, progress)
    if not options.json:
        print(table(figures, language))
        if not model:
            print(text("cli.bench.no_model", language))
        print()
    print(json.dumps(figures, ensure_ascii=False))
    return 0
