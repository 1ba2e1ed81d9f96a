"""`ask QUESTION`: an answer with its citations."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from ert_core.citations import MARKER
from ert_core.cli.questions import add_question_arguments, for_each_question
from ert_core.cli.search import place
from ert_core.locale import text
from ert_core.settings import fixed_by_environment
from ert_core.types import Answer, Statement


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """The arguments of this command."""
    add_question_arguments(parser, language)
    parser.add_argument("--mode", choices=("quotes", "written"), default=None, help=text("cli.ask.mode", language))


def run(options: argparse.Namespace, language: str) -> int:
    """Print the answers; one JSON line a question with --json."""
    from ert_core.cli import open_assistant

    assistant = open_assistant(options)

    def ask(question: str) -> None:
        answer = None
        printed = 0
        mode = options.mode or fixed_by_environment().get("answer_mode", "quotes")
        for event in assistant.ask(question, mode=mode, language=language):
            if event.text is not None and event.statements and not options.json:
                # Whole checked sentences: what is printed cannot be taken back.
                print(marked(event.text, event.statements, printed), end="", flush=True)
                printed = event.statements[-1].end
            elif event.step and sys.stderr.isatty():
                print(text(f"step.{event.step}", language), file=sys.stderr)
            answer = event.answer or answer
        if answer is None:  # the last event of ask() always holds the answer
            raise RuntimeError("an answer ended without its last event")
        if options.json:
            print(json.dumps(as_json(question, answer), ensure_ascii=False), flush=True)
        else:
            print(marked(answer.text, answer.statements, printed, to_the_end=True), flush=True)
            print(_for_people(answer, language), flush=True)

    return for_each_question(options, language, ask)


def marked(answer: str, statements: Sequence[Statement], start: int = 0, *, to_the_end: bool = False) -> str:
    """An answer from character `start` on, to its last statement or its end, with the marks of the legend."""
    marks: dict[int, str] = {}
    for statement in statements:
        for _, end in statement.unsupported_numbers:
            marks[end] = " (!)"
        if statement.status == "unverified":
            marks[statement.end] = marks.get(statement.end, "") + " (?)"
        elif statement.status == "moved":
            for match in MARKER.finditer(answer, statement.start, statement.end):
                marks[match.end()] = "*"
    last = len(answer) if to_the_end else statements[-1].end
    cuts = [start, *(place for place in sorted(marks) if start < place <= last)]
    pieces = [answer[a:b] + marks.get(b, "") for a, b in zip(cuts, cuts[1:], strict=False)]
    return "".join(pieces) + answer[cuts[-1] : last]


def as_json(question: str, answer: Answer) -> dict[str, object]:
    """What is printed for one question."""
    return {
        "question": question,
        "answer": answer.text,
        "refused": answer.refused,
        "citations": [
            {
                "n": c.n,
                "document": c.document,
                "page": c.page,
                "start": c.start,
                "end": c.end,
                "quote": c.quote,
                "verified": c.verified,
            }
            for c in answer.citations
        ],
        "statements": [
            {
                "start": s.start,
                "end": s.end,
                "text": answer.text[s.start : s.end],
                "status": s.status,
                "markers": list(s.markers),
                "unsupported_numbers": [{"start": a, "end": b} for a, b in s.unsupported_numbers],
            }
            for s in answer.statements
        ],
        "timings": answer.timings,
    }


def _for_people(answer: Answer, language: str) -> str:
    lines = [""]
    if any(s.status in ("moved", "unverified") or s.unsupported_numbers for s in answer.statements):
        lines += [text("statements.cli_legend", language), ""]
    for c in answer.citations:
        mark = text("citation.verified" if c.verified else "citation.unverified", language)
        lines.append(f"[{c.n}] {place(c.document, c.page, language)} [{c.start}:{c.end}] – {mark}")
        if answer.mode == "written":
            lines.append(f"    « {' '.join(c.quote.split())} »")
    uncited = answer.mode == "written" and not answer.citations
    if uncited:
        lines.append(text("answer.uncited", language))
    if answer.refused or uncited:
        lines += [f"– {place(p.document_name, p.passage.page, language)}" for p in answer.passages]
    return "\n".join(lines) + "\n"
