"""The command line, for scripts, servers without a screen and tests.

Exit codes: 0, 1 (an error, said in one line on stderr) and 2 (wrong use). Results go to stdout,
progress to stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ert_core.errors import ErtError
from ert_core.locale import best_language, catalogue, text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    language = command_language()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = build_parser(language).parse_args(arguments)
    try:
        return int(options.run(options, language))
    except ErtError as error:
        message, remedy = error.in_language(language)
        print(" ".join(f"{message} {remedy}".split()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(text("cli.interrupted", language), file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output left (head, less)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def command_language() -> str:
    """ "fr" or "en": ERT_LANGUAGE, else the language of the terminal."""
    for variable in ("ERT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value and value != "auto":
            return best_language(value)
    return "en"


def build_parser(language: str) -> argparse.ArgumentParser:
    """The parser of all commands, its help in `language`."""
    from ert_core.cli import ask, doctor, ingest, search

    # argparse takes its own words from gettext at each call; ours come from `locale/` instead.
    texts = catalogue(language)
    argparse._ = lambda message: texts.get(f"cli.argparse.{message}", message)  # type: ignore[attr-defined]

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", type=Path, metavar="DIR", help=text("cli.home", language))
    common.add_argument("--json", action="store_true", help=text("cli.json", language))
    parser = argparse.ArgumentParser(prog="python -m ert_core", description=text("cli.description", language))
    commands = parser.add_subparsers(metavar=text("cli.command", language), required=True)
    for module in (ingest, search, ask, doctor):
        name = module.__name__.rpartition(".")[2]
        command = commands.add_parser(
            name, parents=[common], help=text(f"cli.{name}", language), description=text(f"cli.{name}", language)
        )
        module.add_arguments(command, language)
        command.set_defaults(run=module.run)
    return parser


def open_assistant(options: argparse.Namespace, **overrides: Any) -> Any:
    """The engine on the data directory that the options name."""
    from ert_core.assistant import Assistant
    from ert_core.settings import Settings

    return Assistant(Settings.load(home=options.home, overrides=overrides), overrides=overrides)
