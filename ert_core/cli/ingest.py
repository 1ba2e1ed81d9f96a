"""`ingest PATH...`: add files and whole folders."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ert_core.locale import text
from ert_core.progress import IngestReport


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """The arguments of this command."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=text("cli.ingest.paths", language))


def run(options: argparse.Namespace, language: str) -> int:
    """Add everything; exit code 1 when a file failed. What was left out is counted on stderr."""
    from ert_core.cli import open_assistant
    from ert_core.loaders import SUPPORTED_SUFFIXES
    from ert_core.sources import collect

    collected = collect(options.paths, SUPPORTED_SUFFIXES)
    assistant = open_assistant(options)
    reports: list[IngestReport] = []
    for event in assistant.ingest(collected.sources):
        if event.report is None:
            continue
        reports.append(event.report)
        line = _line(event.report, language)
        print(f"[{event.index + 1}/{event.total}] {line}", file=sys.stderr if options.json else sys.stdout, flush=True)
    if collected.ignored:
        print(text("cli.ingest.ignored", language, count=len(collected.ignored)), file=sys.stderr)
    if collected.unreadable:
        print(text("cli.ingest.unreadable", language, count=len(collected.unreadable)), file=sys.stderr)
    if not collected.sources:
        print(text("cli.ingest.nothing", language), file=sys.stderr)
    if options.json:
        print(json.dumps([_as_json(r, language) for r in reports], ensure_ascii=False))
    return 1 if any(r.status == "failed" for r in reports) else 0


def _line(report: IngestReport, language: str) -> str:
    status = text(f"status.{report.status}", language)
    if report.status == "added":
        return text("cli.ingest.line", language, name=report.name, status=status, passages=report.passages)
    if report.status == "duplicate":
        return text("cli.ingest.left", language, name=report.name, status=status)
    empty = text("ingest.empty", language)
    reason = empty if report.error is None else " ".join(report.error.in_language(language))
    return text("cli.ingest.reason", language, name=report.name, status=status, reason=reason)


def _as_json(report: IngestReport, language: str) -> dict[str, object]:
    reason = None if report.error is None else report.error.in_language(language)
    return {
        "name": report.name,
        "status": report.status,
        "document_id": report.document_id,
        "passages": report.passages,
        "seconds": report.seconds,
        "reason": reason[0] if reason else None,
        "remedy": reason[1] if reason else None,
    }
