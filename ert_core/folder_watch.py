"""Looks at the followed folders now and then: while there is one, once a minute at most, and never two at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator

from ert_core.errors import ErtError, QueueFullError
from ert_core.followed_folders import FollowedFolders
from ert_core.jobs import Job
from ert_core.progress import IngestEvent

_log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
_CLOSE_SECONDS = 2.0

Work = Callable[[threading.Event], Generator[IngestEvent, None, None]]


class FolderWatch:
    """One sleeping timer between two looks; a look is a job only where there is something to do. Thread-safe.

    Only the process that writes looks. A look that was cancelled, or ended by an error, is the last one until
    `start`. `timer` is replaced by tests.
    """

    def __init__(
        self,
        folders: FollowedFolders,
        submit: Callable[[Work], Job[IngestEvent]],
        *,
        busy: Callable[[], bool],
        others_wait: Callable[[], bool],
        timer: Callable[[float, Callable[[], None]], threading.Timer] = threading.Timer,
    ) -> None:
        """`busy` holds the parser, `others_wait` ends a look between two files: it goes on after the others."""
        self._folders = folders
        self._submit = submit
        self._busy = busy
        self._others_wait = others_wait
        self._make_timer = timer
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._timer: threading.Timer | None = None
        self._job: Job[IngestEvent] | None = None

    @property
    def job(self) -> Job[IngestEvent] | None:
        """The last look that had something to do, at work or finished."""
        return self._job

    @property
    def stopped(self) -> bool:
        """Whether the last look was cancelled or ended by an error: none follows it before `start`."""
        job = self._job
        return job is not None and job.done and (job.cancelled.is_set() or job.error is not None)

    def start(self) -> None:
        """Look now, and once a minute from then on, if a folder is followed. Raises DatabaseError."""
        if self._folders.any() and (self._job is None or self._job.done):
            self._arm(0.0)

    def close(self) -> None:
        """Look no more."""
        self._closing.set()
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            if timer is not threading.current_thread() and timer.is_alive():
                timer.join(_CLOSE_SECONDS)

    def _arm(self, seconds: float, after: threading.Timer | None = None) -> None:
        """Set the timer; with `after`, unless that one has been replaced meanwhile."""
        with self._lock:
            if after is not None and after is not self._timer:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            if not self._closing.is_set():
                timer = self._make_timer(seconds, lambda: self._look(timer))
                timer.name, timer.daemon = "ert-folders", True
                self._timer = timer
                timer.start()

    def _look(self, timer: threading.Timer) -> None:
        if timer is not self._timer:  # it was cancelled a moment too late
            return
        try:
            if self._folders.writes():
                if not self._folders.any():
                    return
                if self._folders.anything_new(self._closing):
                    if timer is self._timer and not self._closing.is_set():
                        self._job = self._submit(self._steps)
                    return  # the end of the job makes the next timer
        except QueueFullError:
            _log.info("the followed folders are looked at later: the queue is full")
        except ErtError as error:  # a data directory that cannot be written now, say
            if self._closing.is_set():
                return
            _log.warning("the followed folders could not be looked at: %s", error)
        except Exception:  # whatever a file system comes up with: the next look may find it gone
            _log.exception("the followed folders could not be looked at")
        self._arm(LOOK_SECONDS, after=timer)

    def _steps(self, cancelled: threading.Event) -> Generator[IngestEvent, None, None]:
        finished = yield from self._folders.look(cancelled, self._busy, self._others_wait)
        if not cancelled.is_set():
            self._arm(LOOK_SECONDS if finished else 0.0)
