"""Something done once nothing has been in use for a while: one sleeping timer, no polling."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WhenIdle:
    """Calls `action` when nothing has been in use for the time set; uses wait for it to end. Thread-safe.

    `timer` is replaced by tests.
    """

    def __init__(
        self,
        action: Callable[[], None],
        timer: Callable[[float, Callable[[], None]], threading.Timer] = threading.Timer,
    ) -> None:
        self._action = action
        self._make_timer = timer
        self._lock = threading.Lock()
        self._seconds = 0.0
        self._users = 0
        self._used = False  # since the action was last done
        self._timer: threading.Timer | None = None

    def apply(self, seconds: float) -> None:
        """Wait so long from now on; 0: for ever."""
        with self._lock:
            if seconds != self._seconds:
                self._seconds = seconds
                self._arm()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Nothing is done within, and the time begins anew at the end."""
        with self._lock:
            self._users += 1
            self._used = True
            self._arm()
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                self._arm()

    def stop(self) -> None:
        """Do nothing any more."""
        self.apply(0.0)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._seconds and self._used and not self._users:
            timer = self._make_timer(self._seconds, lambda: self._fire(timer))
            timer.name, timer.daemon = "ert-idle", True
            self._timer = timer
            timer.start()

    def _fire(self, timer: threading.Timer) -> None:
        with self._lock:
            if timer is self._timer:  # else it was cancelled a moment too late
                self._timer = None
                self._used = False
                self._action()
