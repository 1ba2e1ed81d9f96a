"""How well follow-up questions are found: the bare question, ERT's query, all turns together.

    python benchmarks/follow_ups.py [--split tune|test] [--json] [--misses]

Conversations of tests/data/follow_ups.jsonl over samples/ and tests/data/follow_up_documents/, held with the
quotes that ERT answers. A hit is a passage of the right document that holds an answer, white space and case apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import ert_core  # noqa: E402, F401 - the thread limits come first
from ert_core.assistant import Assistant  # noqa: E402
from ert_core.follow_up import search_query  # noqa: E402
from ert_core.measures import rank_of  # noqa: E402
from ert_core.question_sets import KnownQuestion  # noqa: E402
from ert_core.settings import Settings  # noqa: E402
from ert_core.types import Message, Retrieved, Source  # noqa: E402

DATA = REPOSITORY / "tests" / "data"
WAYS = ("bare", "ert", "all_turns")
NAMES = {"bare": "(a) the bare question", "ert": "(b) ERT's query", "all_turns": "(c) all turns"}
RANKS = (1, 3, 5)


def sources() -> list[Source]:
    """The documents that the conversations are about."""
    samples = [p for p in sorted((REPOSITORY / "samples").glob("*.*")) if p.name != "README.md"]
    return [Source(p.name, path=p) for p in [*samples, *sorted((DATA / "follow_up_documents").iterdir())]]


def conversations(split: str | None) -> list[dict[str, Any]]:
    """The lines of the set, of one split or of both."""
    lines = (DATA / "follow_ups.jsonl").read_text(encoding="utf-8").splitlines()
    return [c for c in map(json.loads, lines) if split in (None, c["split"])]


def held(ert: Assistant, turns: Sequence[str]) -> list[Message]:
    """The messages of a conversation in quotes mode, each question asked in turn."""
    conversation = ert.conversations.start(turns[0] if turns else "-")
    for turn in turns:
        for _ in ert.ask(turn, mode="quotes", conversation_id=conversation):
            pass
    return ert.conversations.messages(conversation)


def measure(ert: Assistant, chosen: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One result a conversation: the rank found each way, and whether the last question is refused."""
    for conversation in chosen:
        *before, last = conversation["turns"]
        history = held(ert, before)
        query = search_query(last, history)
        known = KnownQuestion(last, tuple(conversation["answers"]), conversation["document"])
        found = {
            "bare": ert.retriever.search(last, max(RANKS)),
            "ert": ert.answering.search(query, max(RANKS)),
            "all_turns": ert.retriever.search(" ".join(conversation["turns"]), max(RANKS)),
        }
        yield {
            **conversation,
            "query": query.text,
            "ranks": {way: _rank(f, known) for way, f in found.items()},
            "refused": {way: not f.sufficient for way, f in found.items()},
        }


def _rank(found: Retrieved, known: KnownQuestion) -> int | None:
    return rank_of(found.passages, lambda p: known.answered_by(p.document_name, p.passage.text))


def groups(results: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The results by kind and language."""
    by: dict[str, list[dict[str, Any]]] = {}
    for r in results:
        by.setdefault(r["kind"] if r["kind"] == "mixed" else f"{r['kind']}, {r['language']}", []).append(r)
        if r["kind"] in ("follow_up", "topic_change"):
            by.setdefault(f"{r['kind']}, all", []).append(r)
    return dict(sorted(by.items()))


def summary(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """hit@k and the share refused, for each group and way."""
    table: dict[str, Any] = {}
    for name, members in groups(results).items():
        table[name] = {"questions": len(members)}
        for way in WAYS:
            ranks = [r["ranks"][way] for r in members]
            table[name][way] = {f"hit@{k}": sum(n is not None and n <= k for n in ranks) / len(ranks) for k in RANKS}
            table[name][way]["refused"] = sum(r["refused"][way] for r in members) / len(members)
    return table


def markdown(table: dict[str, Any]) -> str:
    """The summary as a Markdown table, one line a group and way."""
    lines = ["| conversations | searched with | hit@1 | hit@3 | hit@5 | refused |", "|---|---|---|---|---|---|"]
    for name, row in table.items():
        for way in WAYS:
            figures = [row[way][f"hit@{k}"] for k in RANKS] if "unanswerable" not in name else [None] * len(RANKS)
            cells = " | ".join("" if f is None else f"{f:.2f}" for f in figures)
            lines.append(f"| {name} ({row['questions']}) | {NAMES[way]} | {cells} | {row[way]['refused']:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Hold the conversations on a library of their own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("tune", "test"), help="only this half of the set")
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    parser.add_argument("--misses", action="store_true", help="print the conversations whose first passage is wrong")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        ert = Assistant(Settings.load(home=Path(home)))
        for _ in ert.ingest(sources()):
            pass
        results = list(measure(ert, conversations(options.split)))
        ert.close()
    table = summary(results)
    print(json.dumps(table, ensure_ascii=False, indent=2) if options.json else markdown(table))
    if options.misses:
        for r in results:
            if r["answers"] and r["ranks"]["ert"] != 1:
                print(r["kind"], r["ranks"], r["turns"], "->", r["query"], file=sys.stderr)


if __name__ == "__main__":
    main()
