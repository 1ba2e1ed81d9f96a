"""Heavy work outside the script runs of the pages, told step by step.

A page reruns at every click; a job goes on, and a rerun, a reload or a second tab finds it again by its id.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, Generic, TypeVar

from ert_core.errors import ErtError
from ert_core.pace import Pace
from ert_core.viewers import Viewers

_log = logging.getLogger(__name__)

Event = TypeVar("Event")
GIVE_WAY_SECONDS = 0.05
REST_SECONDS = 0.01


def giving_way(
    steps: Generator[Event, None, None], busy: Callable[[], bool], cancelled: threading.Event, rest: float = 0.0
) -> Generator[Event, None, None]:
    """The same steps, but after the first none is begun while `busy()`: more urgent work has the machine to itself.

    Between two steps it rests for `rest` seconds even so: of steps that hold Python's lock, the threads that draw
    a page would see little.
    """
    with closing(steps):
        for event in steps:
            yield event
            if rest:
                cancelled.wait(rest)
            while busy() and not cancelled.wait(GIVE_WAY_SECONDS):
                pass


class StopWhen(threading.Event):
    """Set when it is set, and as long as `condition()` holds: what stops work that gives way to any other."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        super().__init__()
        self._condition = condition

    def is_set(self) -> bool:
        """Whether the work should stop."""
        return super().is_set() or self._condition()


class Job(Generic[Event]):
    """A piece of work and the events it gave so far. Thread-safe."""

    def __init__(
        self,
        work: Callable[[threading.Event], Generator[Event, None, None]],
        hurried: Callable[[], bool] = lambda: False,
        after: Sequence[Job[Any]] = (),
        viewers: Viewers | None = None,
    ) -> None:
        """`hurried` says whether others wait for this work to end, `after` holds the jobs that come first.

        Jobs that are looked at as one share their `viewers`.
        """
        self.viewers = Viewers() if viewers is None else viewers
        self._after = tuple(after)
        self.pace = Pace()
        self.error_seen = False  # whether somebody was told of the error
        self._hurried = hurried
        self.id = uuid.uuid4().hex
        self.cancelled = threading.Event()
        self._work: Callable[[threading.Event], Generator[Event, None, None]] | None = work
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._begun = self._done = False
        self._error: ErtError | None = None
        self._when_done: list[Callable[[], None]] = []

    @property
    def done(self) -> bool:
        """Whether the work has ended, however it ended."""
        return self._done

    @property
    def unfinished(self) -> list[Job[Any]]:
        """The jobs that come first and have not ended."""
        return [job for job in self._after if not job.done]

    @property
    def waits_for(self) -> Job[Any] | None:
        """The first of them."""
        return next(iter(self.unfinished), None)

    @property
    def error(self) -> ErtError | None:
        """What ended the work, when that was an error."""
        return self._error

    @property
    def last(self) -> Event | None:
        """The last event so far."""
        with self._changed:
            return self._events[-1] if self._events else None

    def cancel(self) -> None:
        """Ask the work to stop; it ends within one small unit of work, and at once while it waits for others."""
        with self._changed:
            self.cancelled.set()
            if ended := not self._begun:
                self._work = None
                self._end()
        self.pace.resume()
        if ended:
            self._tell_end()

    def when_done(self, call: Callable[[], None]) -> None:
        """Call it once when the work has ended, at once where it has; from whichever thread."""
        with self._changed:
            if not self._done:
                self._when_done.append(call)
                return
        call()

    def events(self, after: int = 0, timeout: float | None = 0.0) -> list[Event]:
        """The events from number `after` on; waits up to `timeout` seconds (None: for ever) for one or for the end."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._events) > after or self._done, timeout)
            return self._events[after:]

    def follow(self) -> Iterator[Event]:
        """All events, as they come, until the end. Raises the error that ended the work."""
        seen = 0
        while True:
            done = self._done
            for event in self.events(seen, timeout=None):
                seen += 1
                yield event
            if done:
                break
        if self._error is not None:
            raise self._error

    def run(self) -> None:
        """Do the work (the worker calls this once)."""
        error: ErtError | None = None
        with self._changed:
            self._begun = True
        self.pace.begin()
        try:
            self._rest()
            if self._work is not None and not self.cancelled.is_set():
                with closing(self._work(self.cancelled)) as events:
                    for event in events:
                        with self._changed:
                            self._events.append(event)
                            self._changed.notify_all()
                        self._rest()
        except ErtError as problem:
            error = problem
        except BaseException:  # a panic of a Rust library is one: the worker must outlive it
            _log.exception("a job failed")
            error = ErtError("unexpected")
        finally:
            self._work = None  # it may hold the files that were given
            with self._changed:
                self._error = error
                self._end()
            self._tell_end()

    def _end(self) -> None:
        self._done = True
        self._after = ()  # they may hold large answers
        self._changed.notify_all()

    def _tell_end(self) -> None:
        with self._changed:
            calls, self._when_done = self._when_done, []
        for call in calls:
            try:
                call()
            except Exception:  # it is another's: this work has ended, and its worker must go on
                _log.exception("what follows a job failed")

    def _rest(self) -> None:
        """While it is paused, or nobody looks any more; work that nobody came back to is stopped as by its button."""
        self.pace.wait(self.cancelled)
        if not self.viewers.stay(self.cancelled, self._hurried):
            self.cancelled.set()
