"""The worker: jobs in order of arrival, one at a time, stopped together."""

import threading
from collections.abc import Generator

import pytest

from ert_core.errors import QueueFullError
from ert_core.worker import Worker

Steps = Generator[int, None, None]


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
