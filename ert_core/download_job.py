"""A model's download as the steps of a job: its callbacks turned into events."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator

from ert_core.errors import ErtError
from ert_core.types import DownloadEvent


def download_steps(model_id: str, cancelled: threading.Event) -> Generator[DownloadEvent, None, None]:
    """Fetch a model, telling its progress about once a per cent. Raises ModelDownloadError."""
    from ert_core.model_download import download

    events: queue.Queue[DownloadEvent | BaseException | None] = queue.Queue()
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        percent = 100 * done // max(1, total)
        if percent != told:
            told = percent
            events.put(DownloadEvent(done, total))

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
