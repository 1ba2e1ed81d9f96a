"""Measurements of the search in the background, one of each kind at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Literal

from ert_core.jobs import REST_SECONDS, giving_way

if TYPE_CHECKING:
    from ert_core.assistant import Assistant
    from ert_core.jobs import Job
    from ert_core.measures import MeasureEvent
    from ert_core.question_sets import KnownQuestion
    from ert_core.worker import Worker

Measurement = Literal["self_test", "evaluation"]


class MeasurementJobs:
    """The measurements of one engine. Thread-safe."""

    def __init__(self, engine: Assistant, worker: Worker[MeasureEvent], answering_someone: Callable[[], bool]) -> None:
        self._engine, self._worker, self._answering_someone = engine, worker, answering_someone
        self._lock = threading.Lock()
        self._jobs: dict[str, Job[MeasureEvent]] = {}

    def start_self_test(self) -> Job[MeasureEvent]:
        """Test the search on the library's own sentences in the background; see `self_test`. Raises QueueFullError."""
        from ert_core.self_test import run_self_test

        return self._start_measurement("self_test", lambda cancelled: run_self_test(self._engine, cancelled=cancelled))

    def start_evaluation(
        self, questions: Sequence[KnownQuestion], unanswerable: Sequence[KnownQuestion] = ()
    ) -> Job[MeasureEvent]:
        """Measure with known questions in the background; see `evaluation`. Raises QueueFullError."""
        from ert_core.evaluation import evaluate

        return self._start_measurement(
            "evaluation", lambda cancelled: evaluate(self._engine, questions, unanswerable, cancelled)
        )

    def measurement(self, kind: Measurement) -> Job[MeasureEvent] | None:
        """The last measurement of a kind, at work or finished."""
        return self._jobs.get(kind)

    def _start_measurement(
        self, kind: Measurement, steps: Callable[[threading.Event], Generator[MeasureEvent, None, None]]
    ) -> Job[MeasureEvent]:
        """Queue a measurement, which gives way to answers; the one of its kind at work, if any, is returned instead."""
        with self._lock:
            present = self._jobs.get(kind)
            if present is not None and not present.done:
                return present
            job = self._worker.submit(
                lambda cancelled: giving_way(steps(cancelled), self._answering_someone, cancelled, REST_SECONDS)
            )
            self._jobs[kind] = job
            return job
