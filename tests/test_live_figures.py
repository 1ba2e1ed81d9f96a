"""Live figures: read only when somebody asks, shared by all who do, true of real processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from monitor_worker import Worker as Process
from monitor_worker import worker as process

from ert_core import cpu_budget
from ert_core.assistant import Assistant
from ert_core.live_figures import INTERVAL_SECONDS, WINDOW_SECONDS, LiveFigures
from ert_core.monitor import Sampler
from ert_core.worker import Worker


class Clock:
    """Seconds that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def figures_of_a_process(**options: Any) -> Iterator[tuple[LiveFigures, Process, Clock]]:
    with process() as it:
        clock = Clock()
        yield LiveFigures({}, lambda: None, sampler=lambda: Sampler(it.pid), clock=clock, **options), it, clock


def by_hand(written: Callable[[], tuple[str, int] | None], clock: Clock, workers: Any = None) -> LiveFigures:
    """Figures whose snapshots hold nothing but the time."""
    return LiveFigures(
        workers or {},
        written,
        sampler=lambda: SimpleNamespace(sample=lambda: SimpleNamespace(at=clock())),  # type: ignore[arg-type,return-value]
        clock=clock,
    )


def test_what_a_real_process_uses_is_shown_from_the_second_reading_on() -> None:
    with figures_of_a_process() as (figures, it, clock):
        (first,) = figures.samples()
        assert first.snapshot.cpu_percent is None and first.snapshot.memory_mb > 0
        it.do("burn 0.2")
        clock.now += INTERVAL_SECONDS
        _, busy = figures.samples()
        clock.now += INTERVAL_SECONDS
        *_, idle = figures.samples()
    assert (busy.snapshot.cpu_percent or 0) > 1 and idle.snapshot.cpu_percent == 0
    assert 0 <= (busy.snapshot.machine_cpu_percent or -1) <= 100


def test_pages_that_ask_in_turn_share_the_readings() -> None:
    with figures_of_a_process() as (figures, it, clock):
        figures.samples()
        it.do("burn 0.2")
        for _ in range(4):  # two pages, a second apart
            clock.now += INTERVAL_SECONDS / 2
            samples = figures.samples()
    assert len(samples) == 3
    assert (samples[1].snapshot.cpu_percent or 0) > 1, "the other page has not taken the span away"


def test_after_a_pause_nothing_is_said_of_the_time_that_nobody_looked() -> None:
    with figures_of_a_process() as (figures, it, clock):
        figures.samples()
        it.do("burn 0.2")
        clock.now += 60
        samples = figures.samples()
        assert samples[-1].snapshot.cpu_percent is None
        clock.now += INTERVAL_SECONDS
        assert figures.samples()[-1].snapshot.cpu_percent == 0, "the busy minute is not told as now"


def test_only_the_last_minutes_are_kept() -> None:
    clock = Clock()
    figures = by_hand(lambda: None, clock)
    for _ in range(400):
        samples = figures.samples()
        clock.now += INTERVAL_SECONDS
    assert len(samples) == WINDOW_SECONDS / INTERVAL_SECONDS + 1
    assert samples[-1].snapshot.at - samples[0].snapshot.at == WINDOW_SECONDS


def test_nothing_runs_and_nothing_is_read_unless_somebody_asks(ert: Assistant) -> None:
    threads = threading.active_count()
    assert ert.live_figures._sampler is None, "not at the beginning either"
    samples = ert.live_figures.samples()
    assert threading.active_count() == threads
    assert samples[-1].running == () and samples[-1].waiting == 0 and samples[-1].tokens_per_second is None


def test_the_budget_in_use_is_told(ert: Assistant) -> None:
    cpu_budget.apply(25)
    assert ert.live_figures.samples()[-1].budget == cpu_budget.GOVERNOR.percent == 25


def test_the_pace_is_that_of_one_answer_since_the_last_reading() -> None:
    clock, written = Clock(), iter([("a", 0), ("a", 8), ("a", 30), ("b", 40), ("b", 46), None, ("b", 50)])
    figures = by_hand(lambda: next(written), clock)
    paces = []
    for _ in range(7):
        paces.append(figures.samples()[-1].tokens_per_second)
        clock.now += 2
    # Of the first tokens it is not known since when they were written, of another answer neither.
    assert paces == [None, None, 11.0, None, 3.0, None, None]


def test_what_is_at_work_and_what_waits() -> None:
    started, release = threading.Event(), threading.Event()

    def work(cancelled: threading.Event) -> Generator[int, None, None]:
        started.set()
        release.wait(20)
        yield 1

    busy: Worker[int] = Worker("ert-test-busy")
    jobs = [busy.submit(work) for _ in range(3)]
    assert started.wait(20)
    clock = Clock()
    figures = by_hand(lambda: None, clock, {"answers": busy, "downloads": Worker("ert-test-idle")})
    sample = figures.samples()[-1]
    release.set()
    assert (sample.running, sample.waiting) == (("answers",), 2)
    assert [list(job.follow()) for job in jobs] == [[1]] * 3
    assert busy.join(20)
    clock.now += INTERVAL_SECONDS
    assert (figures.samples()[-1].running, figures.samples()[-1].waiting) == ((), 0)
