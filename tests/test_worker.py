"""The worker: jobs in order of arrival, one at a time, stopped together."""

import threading
from collections.abc import Callable, Generator

import pytest

from ert_core.errors import QueueFullError
from ert_core.worker import Worker

Steps = Generator[int, None, None]


def counting(cancelled: threading.Event) -> Steps:
    yield from range(5)


def held_back() -> tuple[Callable[[threading.Event], Steps], threading.Event]:
    """Work that does not end before that event."""
    release = threading.Event()

    def waiting(cancelled: threading.Event) -> Steps:
        release.wait(30)
        yield 1

    return waiting, release


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
    waiting, release = held_back()
    first = worker.submit(waiting)
    while worker.position(first) or not worker.busy:
        pass
    with pytest.raises(QueueFullError):
        for _ in range(3):
            worker.submit(waiting)
    release.set()
    list(first.follow())


def test_what_no_thread_could_be_begun_for_is_not_done_later(monkeypatch: pytest.MonkeyPatch) -> None:
    worker: Worker[int] = Worker("test")
    done: list[str] = []

    def named(name: str) -> Steps:
        done.append(name)
        yield 1

    def no_more(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_more)
        with pytest.raises(QueueFullError, match="thread"):
            worker.submit(lambda cancelled: named("told that it cannot be done"))
    assert not worker.busy and not worker.waiting
    assert list(worker.submit(lambda cancelled: named("asked later")).follow()) == [1]
    assert done == ["asked later"]


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
    waiting, release = held_back()
    elsewhere = Worker[int]("test-other").submit(waiting)
    held = [worker.submit(counting, after=[elsewhere]) for _ in range(3)]
    held.append(worker.submit(counting, after=held[-1:]))
    running = worker.submit(waiting)
    while worker.running is not running:
        pass
    last = worker.submit(counting, after=[running])
    assert worker.position(last) == 1 and [worker.position(job) for job in held] == [0, 0, 0, 0]
    with pytest.raises(QueueFullError):
        worker.submit(counting, after=[running])
    release.set()
    assert list(last.follow()) == [0, 1, 2, 3, 4]
    for job in held:
        assert list(job.follow()) == [0, 1, 2, 3, 4]


def test_one_that_was_left_is_given_up_for_what_waits_here_and_not_for_what_waits_elsewhere() -> None:
    worker: Worker[int] = Worker("test")
    waiting, release = held_back()

    def endless(cancelled: threading.Event) -> Steps:
        while not cancelled.wait(0.001):
            yield 0

    elsewhere = Worker[int]("test-other").submit(waiting)
    left = worker.submit(endless)
    left.events(timeout=5)
    held = worker.submit(counting, after=[elsewhere])
    worker.submit(counting, after=[held])
    both = worker.submit(counting, after=[left, elsewhere])
    with pytest.raises(KeyboardInterrupt), left.viewers.watching():
        raise KeyboardInterrupt
    assert not left.cancelled.wait(0.5), "a reload has time to find it again"
    assert list(worker.submit(counting).follow()) == [0, 1, 2, 3, 4]
    assert left.cancelled.is_set() and left.done and not held.done
    release.set()
    assert list(held.follow()) == list(both.follow()) == [0, 1, 2, 3, 4]


def test_what_follows_a_job_may_fail_and_the_worker_goes_on() -> None:
    worker: Worker[int] = Worker("test")
    told = []

    def fail() -> None:
        raise RuntimeError("can't start new thread")

    waiting, release = held_back()
    first = worker.submit(waiting)
    first.when_done(fail)
    first.when_done(lambda: told.append(True))
    release.set()
    assert list(worker.submit(counting).follow()) == [0, 1, 2, 3, 4]
    assert told == [True] and first.error is None


def test_no_thread_is_begun_for_a_job_that_was_stopped() -> None:
    worker: Worker[int] = Worker("ert-test-dead")
    waiting, release = held_back()
    begun: list[str] = []
    first = Worker[int]("test-other").submit(waiting)
    worker.submit(counting, after=[first]).cancel()
    first.when_done(lambda: begun.extend(t.name for t in threading.enumerate()))
    release.set()
    list(first.follow())
    while not begun:
        pass
    assert "ert-test-dead" not in begun and not worker.waiting


def test_a_job_that_waits_for_one_that_has_ended_begins_at_once_and_a_stopped_one_never() -> None:
    worker: Worker[int] = Worker("test")
    ended = worker.submit(counting)
    list(ended.follow())
    assert list(worker.submit(counting, after=[ended]).follow()) == [0, 1, 2, 3, 4]
    waiting, release = held_back()
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
