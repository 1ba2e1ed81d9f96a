"""The pace of a piece of work: it can be paused, and how long it worked tells how long the rest will take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Before, the pace is that of the first file, or of the loading of a model.
FIRST_SECONDS = 3.0


class Pace:
    """Of one piece of work, which calls `wait` between its steps. Thread-safe; `clock` is replaced by tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._paused = False
        self._worked = 0.0
        self._since: float | None = None  # None while it does not work

    @property
    def paused(self) -> bool:
        """Whether it rests before its next step, or will."""
        return self._paused

    def pause(self) -> None:
        """Rest before the next step, until `resume`."""
        self._change(True)

    def resume(self) -> None:
        """Go on; also what wakes work that is cancelled while it rests."""
        self._change(False)

    def begin(self) -> None:
        """The work begins."""
        with self._changed:
            self._since = self._clock()

    def wait(self, cancelled: threading.Event) -> None:
        """Rest while paused; the time of it does not count as work."""
        with self._changed:
            if self._paused and not cancelled.is_set():
                self._worked += self._clock() - (self._since or self._clock())
                self._since = None
                self._changed.wait_for(lambda: not self._paused or cancelled.is_set())
                self._since = self._clock()

    def seconds(self) -> float:
        """How long it has worked."""
        with self._changed:
            return self._worked + (0.0 if self._since is None else self._clock() - self._since)

    def seconds_left(self, done: float) -> float | None:
        """How long the rest takes at the pace so far, `done` in [0, 1] being done; None at the beginning."""
        worked = self.seconds()
        return worked / done * (1 - done) if done > 0 and worked >= FIRST_SECONDS else None

    def _change(self, paused: bool) -> None:
        with self._changed:
            self._paused = paused
            self._changed.notify_all()
