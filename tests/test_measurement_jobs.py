"""Measurements in the background: found again, stopped, and giving way to answers."""

from __future__ import annotations

import threading
from collections.abc import Generator

from ert_core.assistant import Assistant
from ert_core.evaluation import Evaluation
from ert_core.jobs import giving_way
from ert_core.question_sets import KnownQuestion
from ert_core.self_test import SelfTest


def test_a_self_test_at_work_is_found_again_and_not_started_twice(filled: Assistant) -> None:
    assert filled.measurement("self_test") is None
    job = filled.start_self_test()
    assert filled.measurement("self_test") is job
    assert filled.start_self_test() is job or job.done
    assert isinstance(list(job.follow())[-1].result, SelfTest)
    assert filled.measurement("self_test") is job and filled.measurement("evaluation") is None
    assert filled.start_self_test() is not job, "a finished one can be done again"


def test_an_evaluation_runs_in_the_background(filled: Assistant) -> None:
    job = filled.start_evaluation([KnownQuestion("How many electrodes were used?", ("72",), None)])
    result = list(job.follow())[-1].result
    assert isinstance(result, Evaluation) and result.overall.hits[1] == 1.0
    assert filled.measurement("evaluation") is job


def test_a_measurement_waits_while_an_answer_is_made(filled: Assistant) -> None:
    go_on = threading.Event()

    def long_answer(cancelled: threading.Event) -> Generator[object, None, None]:
        go_on.wait(30)
        yield object()

    answer = filled.answers.submit(long_answer)  # type: ignore[arg-type]
    job = filled.start_self_test()
    assert len(job.events(0, timeout=10)) == 1
    assert len(job.events(1, timeout=1.0)) == 0 and not job.done, "no question is asked meanwhile"
    go_on.set()
    assert list(answer.follow())
    assert isinstance(list(job.follow())[-1].result, SelfTest)


def test_a_waiting_measurement_can_be_stopped(filled: Assistant) -> None:
    go_on = threading.Event()

    def long_answer(cancelled: threading.Event) -> Generator[object, None, None]:
        go_on.wait(30)
        yield object()

    filled.answers.submit(long_answer)  # type: ignore[arg-type]
    job = filled.start_self_test()
    job.events(0, timeout=10)
    job.cancel()
    assert [event.result for event in job.follow()] == [None]
    go_on.set()


def test_giving_way_gives_the_same_steps_and_closes_them() -> None:
    closed: list[bool] = []

    def steps() -> Generator[int, None, None]:
        try:
            yield from range(4)
        finally:
            closed.append(True)

    assert list(giving_way(steps(), lambda: False, threading.Event())) == [0, 1, 2, 3]
    turns = iter([True, True, False, False, False, False])
    assert list(giving_way(steps(), lambda: next(turns), threading.Event())) == [0, 1, 2, 3]
    partly = giving_way(steps(), lambda: False, threading.Event())
    next(partly)
    partly.close()
    assert closed == [True] * 3
