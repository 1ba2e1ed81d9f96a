"""The worker: jobs in order of arrival, one at a time, stopped together."""

import threading
from collections.abc import Generator

import pytest

from ert_core.errors import QueueFullError
from ert_core.worker import Worker

Steps = Generator[int, None, None]


def counting(cancelled: threading.Event) -> Steps:
    yield from range(5)


def test_jobs_run_one_at_a_time_in_order_and_the_thread_ends() -> None:
    worker: Worker[int] = Worker("ert-test-order")
    release, ran = threading.Event(), []

    def waiting(number: int) -> Generator[int, None, None]:
        release.wait(10)
        ran.append(number)
        yield number

    jobs = [worker.submit(lambda cancelled, n=n: waiting(n)) for n in range(3)]  # type: ignore[misc]
    while worker.position(jobs[2]) != 2:
        pass
    assert worker.busy and [worker.position(j) for j in jobs] == [0, 1, 2]
    release.set()
    assert list(jobs[2].follow()) == [2]
    assert ran == [0, 1, 2]
    for thread in threading.enumerate():
        if thread.name == "ert-test-order":
            thread.join(5)
    assert not worker.busy and "ert-test-order" not in {t.name for t in threading.enumerate()}


def test_cancelling_stops_running_and_waiting_jobs() -> None:
    worker: Worker[int] = Worker("test")

    def endless(cancelled: threading.Event) -> Steps:
        number = 0
        while not cancelled.wait(0.001):
            number += 1
            yield number

    running, waiting = worker.submit(endless), worker.submit(endless)
    running.events(timeout=5)
    assert not worker.join(0.05), "not while it is not told to stop"
    worker.stop()
    assert worker.join(10)
    assert running.done and list(running.follow()) and list(waiting.follow()) == []
    assert worker.join(0), "nothing to wait for"


def test_a_full_queue_says_so() -> None:
    worker: Worker[int] = Worker("test", max_waiting=1)
    release = threading.Event()

    def waiting(cancelled: threading.Event) -> Steps:
        release.wait(10)
        yield 1

    first = worker.submit(waiting)
    while worker.position(first) or not worker.busy:
        pass
    with pytest.raises(QueueFullError):
        for _ in range(3):
            worker.submit(waiting)
    release.set()
    list(first.follow())


def test_a_job_that_waits_for_another_lets_those_behind_it_pass() -> None:
    other: Worker[int] = Worker("test-other")
    worker: Worker[int] = Worker("test")
    release = threading.Event()

    def waiting(cancelled: threading.Event) -> Steps:
        yield 0
        release.wait(10)
        yield 1

    first = other.submit(waiting)
    second = worker.submit(counting, after=[first], viewers=first.viewers)
    assert second.viewers is first.viewers and second.waits_for is first
    assert not worker.busy and worker.waiting and worker.position(second) == 0
    passing = worker.submit(counting)
    assert passing.waits_for is None
    assert list(passing.follow()) == [0, 1, 2, 3, 4], "it came later, and was not kept waiting"
    assert worker.join(10) and not second.done and second.last is None and not worker.busy
    release.set()
    assert list(second.follow()) == [0, 1, 2, 3, 4] and second.waits_for is None
    assert first.done


def test_what_waits_for_another_worker_does_not_fill_the_queue_and_what_waits_for_its_own_does() -> None:
    worker: Worker[int] = Worker("test", max_waiting=1)
    release = threading.Event()

    def waiting(cancelled: threading.Event) -> Steps:
        release.wait(10)
        yield 1

    elsewhere = Worker[int]("test-other").submit(waiting)
    held = [worker.submit(counting, after=[elsewhere]) for _ in range(3)]
    last = worker.submit(counting, after=[held[-1]])
    with pytest.raises(QueueFullError):
        worker.submit(counting, after=[held[-1]])
    release.set()
    assert list(last.follow()) == [0, 1, 2, 3, 4] and all(job.done for job in held)


def test_a_job_that_waits_for_one_that_has_ended_begins_at_once_and_a_stopped_one_never() -> None:
    worker: Worker[int] = Worker("test")
    ended = worker.submit(counting)
    list(ended.follow())
    assert list(worker.submit(counting, after=[ended]).follow()) == [0, 1, 2, 3, 4]
    release = threading.Event()

    def waiting(cancelled: threading.Event) -> Steps:
        release.wait(10)
        yield 1

    first = Worker[int]("test-other").submit(waiting)
    second = worker.submit(counting, after=[first])
    told: list[bool] = []
    second.when_done(lambda: told.append(second.done))
    second.cancel()
    assert second.done and told == [True], "nobody waits for it"
    second.when_done(lambda: told.append(True))
    assert told == [True, True], "at once, since it has ended"
    release.set()
    list(first.follow())
    assert worker.join(10) and second.last is None
