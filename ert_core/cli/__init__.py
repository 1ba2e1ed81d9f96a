"""The command line, for scripts, servers without a screen and tests.

Exit codes: 0, 1 (an error, said in one line on stderr) and 2 (wrong use). Results go to stdout,
progress to stderr.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ert_core.errors import ErtError
from ert_core.locale import catalogue, terminal_language, text
from ert_core.settings import default_home, file_language

_log = logging.getLogger("ert")
# Engines of the command at work, closed at its end: another may write then.
_opened = ExitStack()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    language = command_language(arguments)
    options = build_parser(language).parse_args(arguments)
    try:
        return int(options.run(options, language))
    except ErtError as error:
        return _failed(error, language)
    except KeyboardInterrupt:
        print(text("cli.interrupted", language), file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output left (head, less)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:  # a bug: its traceback is for the log, not for the person
        _log.debug("a command failed", exc_info=True)
        return _failed(ErtError("unexpected"), language)
    finally:
        _opened.close()


def _failed(error: ErtError, language: str) -> int:
    message, remedy = error.in_language(language)
    print(" ".join(f"{message} {remedy}".split()), file=sys.stderr)
    return 1


def command_language(arguments: Sequence[str] | None = None) -> str:
    """ "fr" or "en": ERT_LANGUAGE, else settings.toml of the data directory, else the language of the terminal."""
    fixed = os.environ.get("ERT_LANGUAGE", "")
    if not fixed:
        options = argparse.ArgumentParser(add_help=False)
        options.add_argument("--home", type=Path, nargs="?")  # "?": a missing DIR is told by the real parser
        try:
            home = options.parse_known_args(arguments)[0].home or default_home()
        except RuntimeError:  # "~" without a home directory: told when the settings are read
            home = None
        fixed = (file_language(home) if home else None) or ""
    return terminal_language(fixed)


def build_parser(language: str) -> argparse.ArgumentParser:
    """The parser of all commands, its help in `language`."""
    from ert_core.cli import ask, backup, bench, doctor, eval, ingest, reindex, restore, search

    # argparse takes its own words from gettext at each call; ours come from `locale/` instead.
    texts = catalogue(language)
    argparse._ = lambda message: texts.get(f"cli.argparse.{message}", message)  # type: ignore[attr-defined]

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", type=Path, metavar="DIR", help=text("cli.home", language))
    common.add_argument("--json", action="store_true", help=text("cli.json", language))
    parser = argparse.ArgumentParser(prog="python -m ert_core", description=text("cli.description", language))
    commands = parser.add_subparsers(metavar=text("cli.command", language), required=True)
    for module in (ingest, search, ask, eval, reindex, backup, restore, bench, doctor):
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

    assistant = Assistant(Settings.load(home=options.home, overrides=overrides), overrides=overrides)
    _opened.callback(assistant.close)
    return assistant
