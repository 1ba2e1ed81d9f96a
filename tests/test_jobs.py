"""Jobs: followed to the end, never silent about an error, nothing kept."""

import gc
import threading
import weakref
from collections.abc import Generator

import pytest

from ert_core.errors import ErtError, QuestionError
from ert_core.jobs import StopWhen
from ert_core.worker import Worker

Steps = Generator[int, None, None]


def counting(cancelled: threading.Event) -> Steps:
    yield from range(5)


def test_events_are_followed_to_the_end() -> None:
    worker: Worker[int] = Worker("test")
    job = worker.submit(counting)
    assert list(job.follow()) == [0, 1, 2, 3, 4]
    assert job.done and job.error is None
    assert worker.job(job.id) is job and job.events(3) == [3, 4]
    assert worker.job("nowhere") is None


def test_an_error_ends_the_job_and_the_next_one_runs() -> None:
    worker: Worker[int] = Worker("test")

    def failing(error: Exception) -> Steps:
        yield 1
        raise error

    known = worker.submit(lambda cancelled: failing(QuestionError("question_empty")))
    bug = worker.submit(lambda cancelled: failing(ValueError("secret")))
    fine = worker.submit(counting)
    with pytest.raises(QuestionError):
        list(known.follow())
    with pytest.raises(ErtError) as caught:
        list(bug.follow())
    assert "secret" not in str(caught.value)
    assert list(fine.follow()) == [0, 1, 2, 3, 4]


def test_a_panic_does_not_stop_the_worker_and_nothing_given_is_kept() -> None:
    class Panic(BaseException):
        """What a Rust library raises when it panics."""

    class File:
        """Something large."""

    worker: Worker[int] = Worker("test")
    file = File()
    remembered = weakref.ref(file)

    def failing(cancelled: threading.Event) -> Steps:
        yield 1
        raise Panic

    with pytest.raises(ErtError):
        list(worker.submit(failing).follow())

    def using(given: File) -> Steps:
        yield 1 if given else 0

    job = worker.submit(lambda cancelled, given=file: using(given))  # type: ignore[misc]
    assert list(job.follow()) == [1], "the worker outlives a panic"
    del file
    gc.collect()
    assert remembered() is None and worker.job(job.id) is job


def test_what_gives_way_stops_when_another_waits_or_when_it_is_told_to() -> None:
    worker: Worker[int] = Worker("test")
    begun = threading.Event()

    def giving_way(cancelled: threading.Event) -> Steps:
        stop = StopWhen(lambda: worker.waiting)
        begun.set()
        while not stop.is_set():
            stop.wait(0.001)
        yield 7

    first = worker.submit(giving_way)
    assert begun.wait(10) and not worker.waiting and first.last is None
    assert list(worker.submit(counting).follow()) == [0, 1, 2, 3, 4]
    assert list(first.follow()) == [7] and first.last == 7
    told = StopWhen(lambda: False)
    assert not told.is_set()
    told.set()
    assert told.is_set()
