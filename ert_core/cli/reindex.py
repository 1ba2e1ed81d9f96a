"""`reindex`: read the documents again for another embedding model or a newer ERT, now instead of in the background."""

from __future__ import annotations

import argparse
import json
import sys
import threading

from ert_core.locale import text


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """This command takes the common options only."""


def run(options: argparse.Namespace, language: str) -> int:
    """Do all that is to do, progress told on stderr; an interrupted run goes on where it stopped."""
    from ert_core.cli import open_assistant

    assistant = open_assistant(options)
    assistant.reindexing.repair()
    pending = assistant.reindexing.pending()
    told = ""
    for event in assistant.reindexing.run(threading.Event()):
        percent = 100 * event.done // max(1, event.total)
        step = text(f"reindex.{event.step}", language)
        line = text("cli.reindex.progress", language, step=step, percent=percent, done=event.done, total=event.total)
        if line != told and percent != 100 * (event.done - 1) // max(1, event.total):
            print(line, file=sys.stderr, flush=True)
            told = line
    model = assistant.library.active_model() or pending.wanted
    if options.json:
        done = {"model": model, "passages_embedded": pending.passages, "documents_analysed": pending.documents}
        print(json.dumps(done, ensure_ascii=False))
    else:
        print(text("cli.reindex.done" if pending.anything else "cli.reindex.nothing", language, model=model))
    return 0
