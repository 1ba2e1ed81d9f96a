"""Who looks at a piece of work: what nobody looks at any more rests, and is given up when nobody comes back.

A closed tab and a reload look the same at first. So work rests at once, and goes on when somebody looks again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# How long a reload, or a page opened again, may take.
GRACE_SECONDS = 10.0
_LOOK_SECONDS = 0.1


class Viewers:
    """Thread-safe. Work that nobody ever looked at (of the command line, say) never rests."""

    def __init__(self, grace: float = GRACE_SECONDS) -> None:
        self._grace = grace
        self._changed = threading.Condition()
        self._looking = 0
        self._left_at: float | None = None  # when the last one left without having seen all
        self._nearby: dict[str, Callable[[], bool]] = {}

    @contextmanager
    def watching(self, who: str = "", nearby: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """One more looks; leaves by an exception, or has seen what there was to see.

        As long as `nearby()`, `who` left looks at something else meanwhile and will be back: the work does not rest.
        """
        with self._changed:
            self._looking += 1
            self._nearby[who] = nearby
            self._changed.notify_all()
        left: float | None = None
        try:
            yield
        except BaseException:
            left = time.monotonic()
            raise
        finally:
            with self._changed:
                self._looking -= 1
                self._left_at = left

    @property
    def looked_at(self) -> bool:
        """Whether somebody looks now."""
        return self._looking > 0

    def stay(self, cancelled: threading.Event, hurried: Callable[[], bool]) -> bool:
        """Wait while nobody looks any more; False when nobody came back in time, or others are waiting (`hurried`)."""
        with self._changed:
            while self._left_at is not None and not self._looking and not cancelled.is_set():
                if any(nearby() for nearby in self._nearby.values()):
                    self._left_at = time.monotonic()
                    return True
                left = self._left_at + self._grace - time.monotonic()
                if left <= 0 or hurried():
                    return False
                self._changed.wait(min(left, _LOOK_SECONDS))
        return True
