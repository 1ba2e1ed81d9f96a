"""A self-test on the user's own documents: known-item questions, and whether their places come back.

What it can tell: that every document was read and indexed, that its passages are found by what they say, in
its own language, which documents are found less well than the others, and whether a change of settings made
the search better or worse on this library. What it cannot tell: how well questions are answered that people
ask in words of their own, since these questions use words of the documents; it is therefore an upper bound.
It judges the search only: neither the quotes, nor written answers, nor refusals. For those, see `evaluation`.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ert_core.cpu_budget import pause
from ert_core.errors import QuestionError
from ert_core.known_items import KnownItem, make_items, told
from ert_core.measures import (
    DEPTH,
    MeasureEvent,
    Miss,
    found_instead,
    hit_rate,
    mean_reciprocal_rank,
    missed,
    rank_of,
)

if TYPE_CHECKING:
    from ert_core.assistant import Assistant
    from ert_core.types import ScoredPassage

HITS = (1, 3, 5)
MOST_QUESTIONS = 100


@dataclass(frozen=True)
class Findings:
    """Figures of a group of questions, rates in [0, 1], None without a question. `hits[k]` is hit@k."""

    n: int
    hits: dict[int, float | None]
    mrr: float | None


@dataclass(frozen=True)
class DocumentFindings:
    """The figures of one document."""

    document: str
    language: str
    findings: Findings


@dataclass(frozen=True)
class SelfTest:
    """The figures of a run, in all and by document (the worst first).

    `without_questions` counts the documents that gave no question: no usable sentence, or too many documents.
    `generation` is that of the database at the start: another one since means other documents. `stopped`
    marks a run that was cancelled: its figures are those of the questions asked until then.
    """

    overall: Findings
    documents: tuple[DocumentFindings, ...]
    without_questions: int
    misses: tuple[Miss, ...]
    generation: int
    stopped: bool


def run_self_test(
    assistant: Assistant, *, limit: int = MOST_QUESTIONS, seed: int = 0, cancelled: threading.Event | None = None
) -> Generator[MeasureEvent, None, None]:
    """Ask at most `limit` known-item questions, telling the progress; the last event holds the SelfTest.

    A hit is a passage that overlaps the sentence asked about, or holds it word for word elsewhere. `cancelled`
    stops between two questions. Raises QuestionError when there is no document or no sentence to ask about.
    """
    store = assistant.library.store
    generation = assistant.database.generation()
    documents = store.count()
    if not documents:
        raise QuestionError("measure_no_documents")
    yield MeasureEvent(0, 0)
    items = make_items(store, limit=limit, seed=seed, cancelled=cancelled)
    if cancelled is not None and cancelled.is_set():
        return
    if not items:
        raise QuestionError("self_test_no_sentences")
    asked: list[tuple[KnownItem, int | None]] = []
    misses: list[Miss] = []
    stopped = False
    for number, item in enumerate(items, start=1):
        if cancelled is not None and cancelled.is_set():
            stopped = True
            break
        pause(cancelled)
        found = assistant.search(item.question, DEPTH)
        if store.document(item.document_id) is None:  # deleted since the questions were made
            continue
        rank = rank_of(found.passages, lambda p, item=item: _holds(p, item))  # type: ignore[misc]
        asked.append((item, rank))
        if missed(rank):
            misses.append(Miss(item.question, item.document, item.sentence, rank, found_instead(found.passages)))
        yield MeasureEvent(number, len(items))
    yield MeasureEvent(
        len(asked),
        len(items),
        SelfTest(
            overall=_findings([rank for _, rank in asked]),
            documents=_by_document(asked),
            without_questions=documents - len({item.document_id for item in items}),
            misses=tuple(misses),
            generation=generation,
            stopped=stopped,
        ),
    )


def _holds(found: ScoredPassage, item: KnownItem) -> bool:
    passage = found.passage
    if passage.document_id == item.document_id and passage.start < item.end and item.start < passage.end:
        return True
    return told(item.sentence) in told(passage.text)


def _findings(ranks: Sequence[int | None]) -> Findings:
    return Findings(len(ranks), {k: hit_rate(ranks, k) for k in HITS}, mean_reciprocal_rank(ranks))


def _by_document(asked: Sequence[tuple[KnownItem, int | None]]) -> tuple[DocumentFindings, ...]:
    groups: dict[str, list[tuple[KnownItem, int | None]]] = {}
    for item, rank in asked:
        groups.setdefault(item.document_id, []).append((item, rank))
    rows = [
        DocumentFindings(
            group[0][0].document,
            max({i.language for i, _ in group}, key=[i.language for i, _ in group].count),
            _findings([rank for _, rank in group]),
        )
        for group in groups.values()
    ]
    return tuple(sorted(rows, key=lambda row: (row.findings.mrr or 0.0, row.document)))
