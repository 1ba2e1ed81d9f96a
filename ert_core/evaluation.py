"""Measures a library with questions whose answers are known: retrieval, quotes, refusals, latency.

Everything is asked through the engine as the pages ask it, so that what answers people is what is measured.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ert_core.cpu_budget import pause
from ert_core.errors import QuestionError
from ert_core.languages import detect_language
from ert_core.measures import (
    DEPTH,
    MeasureEvent,
    Miss,
    found_instead,
    hit_rate,
    mean,
    mean_reciprocal_rank,
    missed,
    percentile,
    rank_of,
    share,
)
from ert_core.question_sets import KnownQuestion, same_document

if TYPE_CHECKING:
    from ert_core.assistant import Assistant
    from ert_core.types import Answer, Retrieved

HITS = (1, 3, 5, 10)
PERCENTILES = (50, 95, 99)
# Brings in the language identifier, which loads at the first text whose function words do not tell its language.
UNCLEAR = "lorem ipsum dolor sit amet consectetur adipiscing elit"


@dataclass(frozen=True)
class Measures:
    """The figures of a group of questions. Rates are in [0, 1]; what there was nothing to measure on is None.

    `n` answerable and `unanswerable` questions were asked. `hits[k]` is hit@k. `first_quote` and `any_quote`:
    the first, and at least one, of the quotes holds an answer. `refused` and `unanswerable_refused`: the share
    of each kind for which ERT says that the documents do not hold the answer. `characters` is the mean
    length of the passages returned, `latency_ms[p]` the p-th percentile of a search, in milliseconds.
    """

    n: int
    unanswerable: int
    hits: dict[int, float | None]
    mrr: float | None
    first_quote: float | None
    any_quote: float | None
    refused: float | None
    unanswerable_refused: float | None
    characters: float | None
    latency_ms: dict[int, float | None]


@dataclass(frozen=True)
class Evaluation:
    """The figures of a run, in all and by the language of the questions (ISO 639-1).

    `library_characters` is the mean length of all passages of the library. `unknown_documents` are expected
    by questions and are not in the library. `stopped` marks a run that was cancelled: its figures are those
    of the questions asked until then.
    """

    overall: Measures
    languages: dict[str, Measures]
    documents: int
    passages: int
    library_characters: float
    unknown_documents: tuple[str, ...]
    misses: tuple[Miss, ...]
    stopped: bool


@dataclass(frozen=True)
class _Record:
    """What one question gave."""

    language: str
    answerable: bool
    refused: bool
    seconds: float
    lengths: tuple[int, ...]
    rank: int | None = None
    first_quote: bool = False
    any_quote: bool = False


def evaluate(
    assistant: Assistant,
    questions: Sequence[KnownQuestion],
    unanswerable: Sequence[KnownQuestion] = (),
    cancelled: threading.Event | None = None,
) -> Generator[MeasureEvent, None, None]:
    """Ask every question, telling the progress; the last event holds the Evaluation.

    A first search, not measured, loads the models. `cancelled` stops between two questions. Raises
    QuestionError when there is no document or no question.
    """
    if not questions and not unanswerable:
        raise QuestionError("measure_no_questions")
    if not assistant.library.store.count():
        raise QuestionError("measure_no_documents")
    asked = [*questions, *unanswerable]
    yield MeasureEvent(0, len(asked))
    assistant.search(asked[0].question)
    detect_language(UNCLEAR)
    records: list[_Record] = []
    misses: list[Miss] = []
    for known in asked:
        if cancelled is not None and cancelled.is_set():
            break
        pause(cancelled)
        record, miss = _asked(assistant, known)
        records.append(record)
        if miss is not None:
            misses.append(miss)
        yield MeasureEvent(len(records), len(asked))
    documents = assistant.library.store.documents()
    yield MeasureEvent(
        len(records),
        len(asked),
        Evaluation(
            overall=_measures(records),
            languages={
                language: _measures([r for r in records if r.language == language])
                for language in sorted({r.language for r in records})
            },
            documents=len(documents),
            passages=sum(d.passages for d in documents),
            library_characters=assistant.library.store.mean_passage_characters(),
            unknown_documents=_unknown(questions, [d.name for d in documents]),
            misses=tuple(misses),
            stopped=len(records) < len(asked),
        ),
    )


def _asked(assistant: Assistant, known: KnownQuestion) -> tuple[_Record, Miss | None]:
    started = time.perf_counter()
    shown: Retrieved = assistant.search(known.question, assistant.settings.passages)
    seconds = time.perf_counter() - started
    lengths = tuple(len(p.passage.text) for p in shown.passages)
    if not known.answers:
        return _Record(shown.language, False, not shown.sufficient, seconds, lengths), None
    deep = shown if assistant.settings.passages >= DEPTH else assistant.search(known.question, DEPTH)
    rank = rank_of(deep.passages, lambda p: known.answered_by(p.document_name, p.passage.text))
    quotes = [known.answered_by(c.document, c.quote) for c in _quotes(assistant, known.question).citations]
    record = _Record(shown.language, True, not shown.sufficient, seconds, lengths, rank, any(quotes[:1]), any(quotes))
    if not missed(rank):
        return record, None
    return record, Miss(known.question, known.document, known.answers[0], rank, found_instead(deep.passages))


def _quotes(assistant: Assistant, question: str) -> Answer:
    answer = None
    for event in assistant.ask(question, mode="quotes", anyway=True):
        answer = event.answer or answer
    if answer is None:  # the last event of ask() always holds the answer
        raise RuntimeError("an answer ended without its last event")
    return answer


def _measures(records: Sequence[_Record]) -> Measures:
    answerable = [r for r in records if r.answerable]
    ranks = [r.rank for r in answerable]
    milliseconds = [1000 * r.seconds for r in records]
    return Measures(
        n=len(answerable),
        unanswerable=len(records) - len(answerable),
        hits={k: hit_rate(ranks, k) for k in HITS},
        mrr=mean_reciprocal_rank(ranks),
        first_quote=share([r.first_quote for r in answerable]),
        any_quote=share([r.any_quote for r in answerable]),
        refused=share([r.refused for r in answerable]),
        unanswerable_refused=share([r.refused for r in records if not r.answerable]),
        characters=mean([length for r in records for length in r.lengths]),
        latency_ms={p: percentile(milliseconds, p) for p in PERCENTILES},
    )


def _unknown(questions: Sequence[KnownQuestion], names: Sequence[str]) -> tuple[str, ...]:
    expected = dict.fromkeys(q.document for q in questions if q.document is not None)
    return tuple(e for e in expected if not any(same_document(name, e) for name in names))
