"""`restore`: a backup becomes the library again."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ert_core.locale import text


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """The arguments of this command."""
    parser.add_argument("file", type=Path, metavar="FILE", help=text("cli.restore.file", language))


def run(options: argparse.Namespace, language: str) -> int:
    """Put the backup in place, say what is there now and where the library before is kept."""
    from ert_core.backup import restore
    from ert_core.settings import default_home

    file = options.file.absolute()
    documents, kept = restore(options.home or default_home(), file)
    if options.json:
        found = {"file": str(file), "documents": documents, "kept": str(kept) if kept else None}
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(text("cli.restore.done", language, documents=documents, file=file))
        if kept is not None:
            print(text("cli.restore.kept", language, path=kept))
    return 0
