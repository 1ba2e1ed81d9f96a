"""A model's download as the steps of a job: its callbacks turned into events."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator

from ert_core.errors import ErtError
from ert_core.progress import DownloadEvent

# A connection is slow at its beginning.
SETTLING_SECONDS = 2.0


class Pace:
    """How long a transfer still takes, from what has arrived since it was first asked; seconds by `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: tuple[int, float] | None = None

    def seconds_left(self, done: int, total: int) -> float | None:
        """None until enough has arrived; bytes that an earlier download left do not count as fast ones."""
        now = self._clock()
        if self._first is None:
            self._first = (done, now)
        first, since = self._first
        if now - since < SETTLING_SECONDS or done <= first:
            return None
        return (total - done) * (now - since) / (done - first)


def download_steps(
    model_id: str, cancelled: threading.Event, clock: Callable[[], float] = time.monotonic
) -> Generator[DownloadEvent, None, None]:
    """Fetch a model, telling its progress about once a per cent. Raises ModelDownloadError."""
    from ert_core.model_download import download

    events: queue.Queue[DownloadEvent | BaseException | None] = queue.Queue()
    told = -1
    pace = Pace(clock)

    def progress(done: int, total: int) -> None:
        nonlocal told
        percent = 100 * done // max(1, total)
        left = pace.seconds_left(done, total)
        if percent != told:
            told = percent
            events.put(DownloadEvent(done, total, left))

    def fetch() -> None:
        try:
            download(model_id, progress=progress, cancelled=cancelled)
            events.put(None)
        except BaseException as error:  # told to the reader of the queue, which raises it
            events.put(error)

    thread = threading.Thread(target=fetch, name="ert-download", daemon=True)
    thread.start()
    while (event := events.get()) is not None:
        if isinstance(event, ErtError) and event.code == "download_cancelled":
            break
        if isinstance(event, BaseException):
            raise event
        yield event
    thread.join()
