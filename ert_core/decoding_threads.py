"""How many threads a model computes with: what the budget has room for, and for single tokens no more than pay.

A token's step is hundreds of small operations, and waking a thread for each can cost more than it brings: on two
cores of a virtual machine, two threads that sleep between operations took as long as one, and a third more CPU.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ert_core.pacing import limit_threads, threads_now

# Steps timed with each number of threads; the first one after a change is not counted.
_TIMED = 3
# Steps made with the number chosen, before all are tried again: other programs come and go.
_KEPT = 120
# More threads have to be so much faster to be taken.
_WORTH = 0.95


class ThreadChoice:
    """The number of threads for the next step, from the seconds that the steps before took."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._trying = self._chosen = self._left = 0
        self._seconds: list[deque[float]] = []
        self._numbers = sorted({most, *(n for n in (1, 2, 4, 8, 16) if n < most)}, reverse=True)
        self._begin()

    @property
    def threads(self) -> int:
        """For the next step."""
        return self._chosen or self._numbers[self._trying]

    def took(self, seconds: float) -> None:
        """A step with `threads` took so long."""
        if self._chosen:
            self._left -= 1
            if self._left <= 0:
                self._begin()
            return
        self._seconds[self._trying].append(seconds)
        self._left -= 1
        if self._left > 0:
            return
        self._trying, self._left = self._trying + 1, _TIMED + 1
        if self._trying == len(self._numbers):
            times = [statistics.median(kept) for kept in self._seconds]
            best = min(times)
            # The fewest that come close to the best.
            fast_enough = (n for n, s in zip(self._numbers, times, strict=True) if s * _WORTH <= best)
            self._chosen, self._left = min(fast_enough), _KEPT

    def _begin(self) -> None:
        self._chosen = self._trying = 0
        self._left = _TIMED + 1
        self._seconds = [deque(maxlen=_TIMED) for _ in self._numbers]
        if len(self._numbers) == 1:
            self._chosen, self._left = self._numbers[0], _KEPT


class DecodingThreads:
    """Sets torch's threads around the steps of one model. `limits` gives the most threads, and of interop ones.

    `tuned` says that a token's bits do not depend on the number: else it stays.
    """

    def __init__(self, limits: Callable[[], tuple[int, int]], *, tuned: bool) -> None:
        self._limits = limits
        self.tuned = tuned
        self._choice: ThreadChoice | None = None

    def reading(self) -> None:
        """Before a piece of the prompt."""
        limit_threads(*self._limits())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around the step of a token."""
        threads, interop = self._limits()
        if not self.tuned:
            limit_threads(threads, interop)
            yield
            return
        most = threads_now(threads)
        if self._choice is None or self._choice.most != most:
            self._choice = ThreadChoice(most)
        limit_threads(self._choice.threads, interop)
        began = time.perf_counter()
        yield
        self._choice.took(time.perf_counter() - began)
