"""A queue of jobs in order of arrival, and one thread that does them, alive only while there is work."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import Generic

from ert_core.errors import QueueFullError
from ert_core.jobs import Event, Job

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

    def submit(self, work: Callable[[threading.Event], Generator[Event, None, None]]) -> Job[Event]:
        """Queue work; it is given the event that asks it to stop. Raises QueueFullError."""
        job = Job(work, hurried=lambda: self.waiting)
        with self._lock:
            if len(self._queue) >= self._max_waiting:
                raise QueueFullError("queue_full", waiting=len(self._queue))
            self._waiting.append(job)
            self._jobs[job.id] = job
            self._forget_old()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
        return job

    def job(self, job_id: str) -> Job[Event] | None:
        """A job by its id, as long as it is remembered."""
        return self._jobs.get(job_id)

    def position(self, job: Job[Event]) -> int:
        """How many jobs come before this one; 0 when it runs or has ended."""
        with self._lock:
            queue = self._queue
            return queue.index(job) + (self._running is not None) if job in queue else 0

    def jobs(self) -> list[Job[Event]]:
        """All jobs that are remembered, the oldest first."""
        with self._lock:
            return list(self._jobs.values())

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        with self._lock:
            return self._running is not None or bool(self._queue)

    @property
    def running(self) -> Job[Event] | None:
        """The job at work."""
        return self._running

    def count_waiting(self) -> int:
        """How many jobs wait for the one that runs."""
        with self._lock:
            return len(self._queue)

    @property
    def waiting(self) -> bool:
        """Whether a job waits for the one that runs."""
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

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running = None
                    self._thread = None
                    return
                self._running = self._waiting.popleft()
            self._running.run()

    def _forget_old(self) -> None:
        finished = [job_id for job_id, job in self._jobs.items() if job.done]
        for job_id in finished[: max(0, len(finished) - KEPT_FINISHED)]:
            del self._jobs[job_id]
