"""What is done when nothing is in use: once, after the time set, and never in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ert_core.idle import WhenIdle


class FakeTimer:
    """A timer that goes off when the test says so."""

    made: list[FakeTimer]

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self.seconds, self.action, self.running = seconds, action, False
        self.made.append(self)

    def start(self) -> None:
        self.running = True

    def cancel(self) -> None:
        self.running = False


@pytest.fixture
def timers() -> list[FakeTimer]:
    FakeTimer.made = []
    return FakeTimer.made


def running(timers: list[FakeTimer]) -> list[float]:
    return [timer.seconds for timer in timers if timer.running]


def idle_after(seconds: float, done: list[str]) -> WhenIdle:
    make: Any = FakeTimer
    idle = WhenIdle(lambda: done.append("done"), make)
    idle.apply(seconds)
    return idle


def test_the_time_begins_at_the_end_of_the_last_use(timers: list[FakeTimer]) -> None:
    done: list[str] = []
    idle = idle_after(600, done)
    assert running(timers) == [], "nothing was used yet"
    with idle.in_use():
        with idle.in_use():
            assert running(timers) == []
        assert running(timers) == [], "one of two users is left"
    assert running(timers) == [600]
    timers[-1].action()
    assert done == ["done"]
    idle.apply(300)
    assert running(timers)[1:] == [], "once, until it is used again"


def test_a_use_that_begins_as_the_timer_goes_off_wins(timers: list[FakeTimer]) -> None:
    done: list[str] = []
    idle = idle_after(600, done)
    with idle.in_use():
        pass
    late = timers[-1]
    with idle.in_use():
        late.action()
        assert done == []
    timers[-1].action()
    assert done == ["done"]


def test_another_time_holds_at_once_and_zero_is_never(timers: list[FakeTimer]) -> None:
    idle = idle_after(600, [])
    with idle.in_use():
        pass
    idle.apply(300)
    assert running(timers) == [300]
    idle.apply(0)
    assert running(timers) == []
    with idle.in_use():
        pass
    assert running(timers) == []


def test_with_a_real_timer_and_no_thread_left() -> None:
    others = set(threading.enumerate())  # an engine of another test may wait for its ten minutes
    done = threading.Event()
    idle = WhenIdle(done.set)
    idle.apply(0.01)
    with idle.in_use():
        assert not done.wait(0.05)
    assert done.wait(10)
    mine = [t for t in threading.enumerate() if t.name == "ert-idle" and t not in others]
    for thread in mine:
        thread.join(10)
    assert not any(thread.is_alive() for thread in mine)
