"""`backup`: the whole library as one file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ert_core.locale import text


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """The arguments of this command."""
    parser.add_argument("file", type=Path, metavar="FILE", help=text("cli.backup.file", language))


def run(options: argparse.Namespace, language: str) -> int:
    """Make the file and say what is in it."""
    from ert_core.backup import back_up, is_damaged
    from ert_core.settings import default_home

    file = options.file.absolute()
    documents = back_up(options.home or default_home(), file)
    if is_damaged(file):
        print(text("cli.backup.damaged", language), file=sys.stderr)
    if options.json:
        print(json.dumps({"file": str(file), "documents": documents}, ensure_ascii=False))
    else:
        print(text("cli.backup.done", language, documents=documents, file=file))
    return 0
