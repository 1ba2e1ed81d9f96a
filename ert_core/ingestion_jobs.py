"""Files added in the background: those that a question waits for first, all others after every answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from ert_core.jobs import giving_way

if TYPE_CHECKING:
    from ert_core.database import Database
    from ert_core.followed_folders import FollowedFolders
    from ert_core.jobs import Job
    from ert_core.library import Library
    from ert_core.progress import IngestEvent
    from ert_core.types import AnswerEvent, Source
    from ert_core.worker import Worker

# Adds files, given the event that stops it.
Adding = Callable[[threading.Event], Generator["IngestEvent", None, None]]


class IngestionJobs:
    """The ingestions of one engine. Thread-safe."""

    def __init__(
        self,
        database: Database,
        library: Library,
        folders: FollowedFolders,
        *,
        answers: Worker[AnswerEvent],
        given_files: Worker[IngestEvent],
        ingestions: Worker[IngestEvent],
    ) -> None:
        """`given_files` adds what questions wait for, `ingestions` all else."""
        self._database, self._library, self._folders = database, library, folders
        self._answers, self._given_files, self._ingestions = answers, given_files, ingestions

    @property
    def adding(self) -> bool:
        """Whether documents are being added, or will be."""
        return self._ingestions.busy or self._given_files.busy

    def someone_waits(self) -> bool:
        """Whether a question is being answered, or its files are being added."""
        return self._answers.busy or self._given_files.busy

    def ingest(
        self, sources: Sequence[Source], cancelled: threading.Event | None = None
    ) -> Generator[IngestEvent, None, None]:
        """Add files, telling each step; see Library.add. Raises DatabaseError when nothing can be saved."""
        self._database.write()
        yield from self._added(sources, cancelled, self.someone_waits)

    def start_ingest(self, sources: Sequence[Source]) -> Job[IngestEvent]:
        """Add files in the background, giving way to answers. Raises QueueFullError, DatabaseError."""
        self._database.write()
        return self.start_look(lambda cancelled: self.ingest(sources, cancelled))

    def start_look(self, look: Adding) -> Job[IngestEvent]:
        """Add what a look at followed folders finds, giving way to answers. Raises QueueFullError."""
        return self._ingestions.submit(lambda cancelled: giving_way(look(cancelled), self.someone_waits, cancelled))

    def add_given(self, sources: Sequence[Source]) -> Job[IngestEvent]:
        """Add the files that a question waits for, giving way to other answers only. Raises QueueFullError."""

        def answering() -> bool:
            return self._answers.busy

        return self._given_files.submit(
            lambda cancelled: giving_way(self._added(sources, cancelled, answering), answering, cancelled)
        )

    def _added(
        self, sources: Sequence[Source], cancelled: threading.Event | None, busy: Callable[[], bool]
    ) -> Generator[IngestEvent, None, None]:
        return self._folders.kept(self._library.add(sources, cancelled, busy=busy))
