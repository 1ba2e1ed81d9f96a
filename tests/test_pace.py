"""Pausing: between two steps, for as long as it takes, and never in the way of a stop."""

import threading
from collections.abc import Generator

import pytest

from ert_core.jobs import Job
from ert_core.pace import FIRST_SECONDS, Pace
from ert_core.worker import Worker


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_time_left_is_that_of_the_pace_so_far_and_a_pause_is_no_work() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.seconds() == 0 and pace.seconds_left(0.5) is None, "it waits in the queue"
    clock.now += 500
    pace.begin()
    clock.now += FIRST_SECONDS / 2
    assert pace.seconds_left(0.1) is None, "too early to tell"
    clock.now += 30 - FIRST_SECONDS / 2
    assert pace.seconds_left(0.0) is None and pace.seconds_left(0.25) == pytest.approx(90)
    pace.pause()
    resting = threading.Thread(target=lambda: pace.wait(threading.Event()))
    resting.start()
    while pace._since is not None:
        pass
    clock.now += 10_000
    assert pace.seconds_left(0.25) == pytest.approx(90)
    pace.resume()
    resting.join(10)
    clock.now += 10
    assert pace.seconds() == pytest.approx(40) and not pace.paused


@pytest.fixture
def paused() -> tuple[Worker[int], Job[int], list[int]]:
    """A job that was paused after its first step."""
    worker: Worker[int] = Worker("test")
    begun, go_on, done = threading.Event(), threading.Event(), []

    def steps(cancelled: threading.Event) -> Generator[int, None, None]:
        for number in range(3):
            done.append(number)
            yield number
            begun.set()
            go_on.wait(10)

    job = worker.submit(steps)
    assert begun.wait(10)
    job.pace.pause()
    go_on.set()
    assert job.events(after=1, timeout=10) == [1]
    return worker, job, done


def test_a_paused_job_does_nothing_and_goes_on(paused: tuple[Worker[int], Job[int], list[int]]) -> None:
    worker, job, done = paused
    assert not worker.join(0.1) and done == [0, 1] and not job.done and worker.job(job.id) is job
    job.pace.resume()
    assert list(job.follow()) == [0, 1, 2]


def test_a_paused_job_is_cancelled_at_once_and_the_next_one_runs(
    paused: tuple[Worker[int], Job[int], list[int]],
) -> None:
    worker, job, done = paused
    job.cancel()
    assert list(job.follow()) == [0, 1] or done == [0, 1, 2]
    assert list(worker.submit(lambda cancelled: (n for n in (7,))).follow()) == [7]


def test_the_end_of_the_server_does_not_wait_for_a_paused_job(
    paused: tuple[Worker[int], Job[int], list[int]],
) -> None:
    worker, job, _ = paused
    worker.stop()
    assert worker.join(10) and job.done


def test_a_job_paused_while_it_waits_does_not_begin() -> None:
    worker: Worker[int] = Worker("test")
    release, begun = threading.Event(), threading.Event()

    def first(cancelled: threading.Event) -> Generator[int, None, None]:
        release.wait(10)
        yield 1

    def second(cancelled: threading.Event) -> Generator[int, None, None]:
        begun.set()
        yield 2

    worker.submit(first)
    job = worker.submit(second)
    job.pace.pause()
    release.set()
    assert not begun.wait(0.1) and not job.done
    job.pace.resume()
    assert list(job.follow()) == [2]
