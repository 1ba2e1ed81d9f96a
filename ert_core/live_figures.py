"""Live figures: what ERT and the machine use now and used in the last minutes, read only while somebody looks.

A page that shows them asks again and again; nothing runs between two questions, and nothing at all when no such
page is open. All pages share one list: a reading is made when the last one is old enough, so that every CPU share
covers about `INTERVAL_SECONDS`, however many pages ask.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ert_core.cpu_budget import GOVERNOR
from ert_core.machine_conditions import Restraint
from ert_core.monitor import Sampler, Snapshot
from ert_core.worker import Worker

INTERVAL_SECONDS = 2.0  # as monitor_cpu.sh
WINDOW_SECONDS = 300.0
# A page asks a little early or late; two pages that ask in turn must not halve the interval.
_OLD_ENOUGH = 0.75 * INTERVAL_SECONDS
# After a longer pause nobody looked: a share of that time would say nothing of now.
_PAUSE = 3 * INTERVAL_SECONDS


@dataclass(frozen=True)
class LiveSample:
    """One reading: a snapshot of the process tree and of the machine, and what ERT is doing.

    `budget` is the CPU budget in use, per cent of the machine, and `restraint` what lowers it. `running` names the
    workers that are at work, `waiting` counts the jobs behind them. `tokens_per_second` is the pace of the answer
    being written since the reading before, None when none is. The CPU shares of `snapshot` are None in the first
    reading after a pause.
    """

    snapshot: Snapshot
    budget: float
    restraint: Restraint
    running: tuple[str, ...]
    waiting: int
    tokens_per_second: float | None


class LiveFigures:
    """The readings of the last `WINDOW_SECONDS`. Thread-safe; nothing is read before the first question.

    `being_written` gives the id of the answer at hand and how many tokens it has. `sampler` and `clock` (seconds of
    time.monotonic()) are replaced by tests.
    """

    def __init__(
        self,
        workers: Mapping[str, Worker[Any]],
        being_written: Callable[[], tuple[str, int] | None],
        *,
        sampler: Callable[[], Sampler] = Sampler,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = dict(workers)
        self._being_written = being_written
        self._make_sampler = sampler
        self._clock = clock
        self._lock = threading.Lock()
        self._samples: deque[LiveSample] = deque(maxlen=round(WINDOW_SECONDS / _OLD_ENOUGH))
        self._sampler: Sampler | None = None
        self._read_at = 0.0
        self._written: tuple[str, int] | None = None

    def samples(self) -> list[LiveSample]:
        """The readings of the last minutes, the newest last; one is made now unless the last one is fresh."""
        with self._lock:
            since = self._clock() - self._read_at
            if self._sampler is None or since > _PAUSE:
                self._sampler, self._written = self._make_sampler(), None
                self._read(self._sampler)
            elif since >= _OLD_ENOUGH:
                self._read(self._sampler)
            oldest = self._samples[-1].snapshot.at - WINDOW_SECONDS
            while self._samples[0].snapshot.at < oldest:
                self._samples.popleft()
            return list(self._samples)

    def _read(self, sampler: Sampler) -> None:
        restraint = GOVERNOR.restraint  # read before the budget, which follows from it
        now = self._clock()
        self._samples.append(
            LiveSample(
                snapshot=sampler.sample(),
                budget=GOVERNOR.percent,
                restraint=restraint,
                running=tuple(name for name, worker in self._workers.items() if worker.busy),
                waiting=sum(worker.count_waiting() for worker in self._workers.values()),
                tokens_per_second=self._pace(now - self._read_at),
            )
        )
        self._read_at = now

    def _pace(self, seconds: float) -> float | None:
        """Tokens a second since the last reading, None unless the same answer was being written then."""
        before, self._written = self._written, self._being_written()
        if before is None or self._written is None or before[0] != self._written[0] or not before[1]:
            return None
        return (self._written[1] - before[1]) / seconds if seconds > 0 else None
