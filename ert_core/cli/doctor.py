"""`doctor`: what ERT runs on, to read or to send with a question."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ert_core.locale import text


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """This command takes the common options only."""


def run(options: argparse.Namespace, language: str) -> int:
    """Print the report; as JSON with --json. Exit code 1 when something does not work."""
    from ert_core.doctor import examine

    report = examine(options.home)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=2, default=str))
        return 1 if report["problems"] else 0
    for section, values in report.items():
        if section == "problems":
            continue
        print(text(f"doctor.{section}", language))
        for name, value in values.items():
            print(f"  {name:<24} {_shown(value, language)}")
    problems = [" ".join(error.in_language(language)) for error in report["problems"]]
    print("\n".join(problems) if problems else text("doctor.fine", language))
    return 1 if problems else 0


def _shown(value: Any, language: str) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return text("yes" if value else "no", language)
    return str(value)
