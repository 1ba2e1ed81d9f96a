"""`ask QUESTION`: an answer with its citations."""

from __future__ import annotations

import argparse
import json
import sys

from ert_core.cli.questions import add_question_arguments, for_each_question
from ert_core.cli.search import place
from ert_core.locale import text
from ert_core.settings import fixed_by_environment
from ert_core.types import Answer


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
        streamed = False
        for event in assistant.ask(question, mode=options.mode or fixed_by_environment().get("answer_mode", "quotes")):
            if event.delta and not options.json:
                print(event.delta, end="", flush=True)
                streamed = True
            elif event.step and sys.stderr.isatty():
                print(text(f"step.{event.step}", language), file=sys.stderr)
            answer = event.answer or answer
        if answer is None:  # the last event of ask() always holds the answer
            raise RuntimeError("an answer ended without its last event")
        if options.json:
            print(json.dumps(as_json(question, answer), ensure_ascii=False), flush=True)
        else:
            print(_for_people(answer, language, streamed), flush=True)

    return for_each_question(options, language, ask)


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
        "timings": answer.timings,
    }


def _for_people(answer: Answer, language: str, streamed: bool) -> str:
    lines = ["" if streamed else answer.text, ""]
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
