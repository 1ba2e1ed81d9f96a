"""Work that nobody looks at rests, goes on when somebody looks, and is given up when nobody does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

from ert_core.jobs import Job
from ert_core.viewers import Viewers
from ert_core.worker import Worker


class Left(Exception):
    """As a page is stopped."""


class Work:
    """Counts until it is cancelled, then tells that it was."""

    def __init__(self, worker: Worker[str], grace: float = 30.0) -> None:
        self.steps = 0
        self.job: Job[str] = worker.submit(self._run)
        self.job.viewers = Viewers(grace)

    def _run(self, cancelled: threading.Event) -> Generator[str, None, None]:
        while not cancelled.is_set():
            self.steps += 1
            yield "step"
            time.sleep(0.005)
        yield "partial answer"

    def moves(self) -> bool:
        time.sleep(0.3)  # of a busy machine, too
        before = self.steps
        time.sleep(0.2)
        return self.steps > before


def look_and_leave(work: Work, who: str = "", nearby: Callable[[], bool] = lambda: False) -> None:
    with pytest.raises(Left), work.job.viewers.watching(who, nearby):
        work.job.events(work.steps, timeout=2)
        raise Left


@pytest.fixture
def worker() -> Any:
    worker: Worker[str] = Worker("ert-test-viewers")
    yield worker
    worker.stop()
    worker.join(5)


def test_it_rests_when_the_last_one_leaves_and_goes_on_for_the_next(worker: Worker[str]) -> None:
    work = Work(worker)
    with pytest.raises(Left), work.job.viewers.watching():
        look_and_leave(work)
        assert work.moves(), "another one still looks"
        raise Left
    assert not work.moves()
    with work.job.viewers.watching():
        assert work.moves() and not work.job.cancelled.is_set()


def test_it_is_given_up_with_what_it_has_when_nobody_comes_back(worker: Worker[str]) -> None:
    work = Work(worker, grace=0.3)
    look_and_leave(work)
    assert list(work.job.follow())[-1] == "partial answer"


def test_it_is_given_up_at_once_when_others_wait(worker: Worker[str]) -> None:
    work = Work(worker)
    look_and_leave(work)
    assert not work.moves()
    following = worker.submit(lambda cancelled: (event for event in ("next",)))  # type: ignore[arg-type,return-value]
    assert list(following.follow()) == ["next"]
    assert work.job.events()[-1] == "partial answer"


def test_a_queued_one_that_was_left_never_begins(worker: Worker[str]) -> None:
    first, left, last = Work(worker), Work(worker), Work(worker)
    look_and_leave(left)
    first.job.cancel()
    list(left.job.follow())
    assert left.steps == 0 and last.moves()


def test_what_nobody_ever_looked_at_and_what_was_seen_to_its_end_goes_on(worker: Worker[str]) -> None:
    work = Work(worker, grace=0.1)
    assert work.moves(), "the command line's work"
    with work.job.viewers.watching():
        pass
    assert work.moves(), "what follows the answer: reading ahead"


def test_it_goes_on_while_who_left_is_nearby_and_rests_from_then_on(worker: Worker[str]) -> None:
    work, nearby = Work(worker), threading.Event()
    nearby.set()
    look_and_leave(work, "one", nearby.is_set)
    look_and_leave(work, "two")
    assert work.moves()
    nearby.clear()
    assert not work.moves() and not work.job.cancelled.is_set()
