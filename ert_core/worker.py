"""A queue of jobs in order of arrival, and one thread that does them, alive only while there is work.

A job that waits for others to end lets those behind it pass.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic

from ert_core.errors import QueueFullError
from ert_core.jobs import Event, Job
from ert_core.viewers import Viewers

MAX_WAITING = 32
KEPT_FINISHED = 64


class Worker(Generic[Event]):
    """Runs jobs one at a time, first in first out."""

    def __init__(self, name: str, max_waiting: int = MAX_WAITING) -> None:
        self._name = name
        self._max_waiting = max_waiting
        self._lock = threading.Lock()
        self._waiting: deque[Job[Event]] = deque()
        self._running: Job[Event] | None = None
        self._jobs: dict[str, Job[Event]] = {}
        self._thread: threading.Thread | None = None

    def submit(
        self,
        work: Callable[[threading.Event], Generator[Event, None, None]],
        *,
        after: Sequence[Job[Any]] = (),
        viewers: Viewers | None = None,
    ) -> Job[Event]:
        """Queue work; it is given the event that asks it to stop. Raises QueueFullError, also where no thread begins.

        Until the jobs `after` have ended, it is not begun and does not make the worker busy. For `viewers` see Job.
        """
        job = Job(work, hurried=lambda: self.load > 1, after=after, viewers=viewers)
        with self._lock:
            waiting = len(self._here())
            if waiting >= self._max_waiting:
                raise QueueFullError("queue_full", waiting=waiting)
            self._waiting.append(job)
            self._jobs[job.id] = job
            self._forget_old()
        try:
            self._go_on()
            for first in after:
                first.when_done(self._go_on)
        except RuntimeError as error:  # whoever asked is told, so it must not be done later
            job.cancel()
            raise QueueFullError("no_thread") from error
        return job

    def job(self, job_id: str) -> Job[Event] | None:
        """A job by its id, as long as it is remembered."""
        return self._jobs.get(job_id)

    def position(self, job: Job[Event]) -> int:
        """How many jobs come before this one; 0 when it runs, has ended, or waits for another worker's."""
        with self._lock:
            queue = self._here()
            return queue.index(job) + (self._running is not None) if job in queue else 0

    def jobs(self) -> list[Job[Event]]:
        """All jobs that are remembered, the oldest first."""
        with self._lock:
            return list(self._jobs.values())

    @property
    def busy(self) -> bool:
        """Whether a job runs, or waits for nothing but this worker."""
        return self.load > 0

    @property
    def load(self) -> int:
        """How many jobs run or wait for nothing but this worker."""
        with self._lock:
            return (self._running is not None) + len(self._here())

    @property
    def running(self) -> Job[Event] | None:
        """The job at work."""
        return self._running

    def count_waiting(self) -> int:
        """How many jobs wait, for this worker or for another's."""
        with self._lock:
            return len(self._queue)

    @property
    def waiting(self) -> bool:
        """Whether a job waits, for this worker or for another's."""
        with self._lock:
            return bool(self._queue)

    def stop(self) -> None:
        """Cancel everything (when the server stops)."""
        with self._lock:
            jobs = [*self._waiting, *([self._running] if self._running else [])]
        for job in jobs:
            job.cancel()

    def join(self, seconds: float) -> bool:
        """Wait for the work at hand to end; whether it has."""
        with self._lock:
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return True
        thread.join(max(0.0, seconds))
        return not thread.is_alive()

    @property
    def _queue(self) -> list[Job[Event]]:
        """The jobs that wait, without those that were cancelled meanwhile."""
        return [job for job in self._waiting if not job.done]

    def _here(self) -> list[Job[Event]]:
        """Of the queue those that wait for nothing but this worker, be it one of its jobs by name."""
        return [job for job in self._queue if not self._waits_elsewhere(job)]

    def _waits_elsewhere(self, job: Job[Any]) -> bool:
        return any(first.id not in self._jobs or self._waits_elsewhere(first) for first in job.unfinished)

    def _go_on(self) -> None:
        with self._lock:
            if self._thread is None and any(not job.waits_for for job in self._queue):
                thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                thread.start()  # may fail: then the next job tries again
                self._thread = thread

    def _work(self) -> None:
        while True:
            with self._lock:
                self._waiting = deque(self._queue)
                self._running = next((job for job in self._waiting if not job.waits_for), None)
                if self._running is None:
                    self._thread = None
                    return
                self._waiting.remove(self._running)
            self._running.run()

    def _forget_old(self) -> None:
        finished = [job_id for job_id, job in self._jobs.items() if job.done]
        for job_id in finished[: max(0, len(finished) - KEPT_FINISHED)]:
            del self._jobs[job_id]
