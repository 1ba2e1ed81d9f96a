"""`search QUESTION`: the passages found, without an answer."""

from __future__ import annotations

import argparse
import json
from functools import partial

from ert_core.cli.questions import add_question_arguments, for_each_question
from ert_core.errors import QuestionError
from ert_core.locale import text
from ert_core.types import Retrieved

MOST_PASSAGES = 1000


def add_arguments(parser: argparse.ArgumentParser, language: str) -> None:
    """The arguments of this command."""
    add_question_arguments(parser, language)
    parser.add_argument(
        "-k", type=partial(_count, language=language), default=5, metavar="K", help=text("cli.search.k", language)
    )


def run(options: argparse.Namespace, language: str) -> int:
    """Print the passages; one JSON line a question with --json."""
    from ert_core.cli import open_assistant

    assistant = open_assistant(options)
    if not assistant.library.store.count():
        raise QuestionError("no_documents")

    def search(question: str) -> None:
        found = assistant.search(question, options.k)
        shown = json.dumps(as_json(question, found), ensure_ascii=False) if options.json else _table(found, language)
        print(shown, flush=True)

    return for_each_question(options, language, search)


def as_json(question: str, found: Retrieved) -> dict[str, object]:
    """What is printed for one question."""
    return {
        "question": question,
        "evidence": round(found.evidence, 4),
        "passages": [
            {
                "document": p.document_name,
                "page": p.passage.page,
                "start": p.passage.start,
                "end": p.passage.end,
                "text": p.passage.text,
                "score": round(p.score, 4),
            }
            for p in found.passages
        ],
    }


def place(document: str, page: int | None, language: str) -> str:
    """Document and page, as people write them."""
    return document if page is None else text("place.page", language, document=document, page=page)


def _table(found: Retrieved, language: str) -> str:
    lines = [text("cli.search.evidence", language, evidence=f"{found.evidence:.2f}")]
    if not found.sufficient:
        lines.append(text("answer.not_in_documents" if found.passages else "cli.search.nothing", language))
    for n, p in enumerate(found.passages, start=1):
        where = place(p.document_name, p.passage.page, language)
        lines.append(f"\n[{n}] {p.score:.2f}  {where}  [{p.passage.start}:{p.passage.end}]\n{p.passage.text}")
    return "\n".join(lines) + "\n"


def _count(value: str, *, language: str) -> int:
    try:
        number = int(value)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_PASSAGES:
        raise argparse.ArgumentTypeError(text("cli.search.k_range", language, most=MOST_PASSAGES))
    return number
