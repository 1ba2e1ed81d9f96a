"""Folders that a person has ERT follow: their documents are those of the files in them, as these change.

What a person added, or deleted, by hand stays so. A document that was in the library before its file was found in a
followed folder, one that is added by hand as well, and those of a folder that is followed no longer are the
person's: only the person deletes them. A document that the person deleted does not come back before its file changes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ert_core.database import Database
from ert_core.errors import ErtError, FolderError
from ert_core.folder_look import FolderLook, FolderReader, is_new
from ert_core.folder_records import FileFailure, FolderRecords, is_under
from ert_core.folder_scan import FolderScan, scan
from ert_core.library import Library
from ert_core.progress import IngestEvent
from ert_core.sources import encodable

Steps = Generator[IngestEvent, None, bool]


@dataclass(frozen=True)
class FollowedFolder:
    """The state of a folder: when this ERT last looked (UTC, ISO 8601), the files known, those that gave no document.

    `problem` says why nothing can be said of it now; its documents stay meanwhile.
    """

    path: str
    looked_at: str | None
    files: int
    failures: tuple[FileFailure, ...]
    problem: ErtError | None


class FollowedFolders:
    """The followed folders of one library. Thread-safe, but for `look`: one at a time. Raises DatabaseError."""

    def __init__(self, library: Library, database: Database) -> None:
        self._library = library
        self._database = database
        self._records = FolderRecords(database)
        self._reader = FolderReader(library, self._records)
        self._states: dict[str, tuple[str, ErtError | None]] = {}

    def follow(self, path: str) -> str:
        """Follow a folder from the next look on; returns its real path. Raises FolderError."""
        typed = path.strip().strip('"').strip()
        try:
            folder = Path(typed).expanduser()
            if not folder.is_absolute() or not folder.is_dir():
                raise FolderError("folder_missing", path=encodable(typed))
            folder = folder.resolve()
            with os.scandir(folder):
                pass
        except (OSError, ValueError, RuntimeError) as error:  # a null character, "~" without a home directory
            reason = getattr(error, "strerror", None) or str(error)
            raise FolderError("folder_unreadable", path=encodable(typed), reason=encodable(reason)) from error
        if encodable(str(folder)) != str(folder):
            raise FolderError("folder_unreadable", path=encodable(str(folder)), reason="UTF-8")
        if self._own in (folder, *folder.parents):
            raise FolderError("folder_own", path=folder)
        for followed in self._records.folders():
            if Path(followed) in (folder, *folder.parents):
                raise FolderError("folder_followed", path=followed)
        self._records.add_folder(str(folder))
        return str(folder)

    def unfollow(self, path: str) -> None:
        """Follow a folder no longer; its documents stay, and only the person deletes them."""
        self._records.remove_folder(path)
        self._states.pop(path, None)

    def writes(self) -> bool:
        """Whether this process is the one that writes, as which alone it may look."""
        return self._database.other_writer() is None

    def any(self) -> bool:
        """Whether a folder is followed."""
        return bool(self._records.folders())

    def listed(self) -> list[FollowedFolder]:
        """The folders and their state, the first followed first."""
        counts = self._records.counts()
        none: tuple[str | None, ErtError | None] = (None, None)
        return [
            FollowedFolder(path, looked_at, counts.get(path, 0), self._records.notes(path).told(), problem)
            for path in self._records.folders()
            for looked_at, problem in [self._states.get(path, none)]
        ]

    def kept(self, events: Iterator[IngestEvent]) -> Generator[IngestEvent, None, None]:
        """The same events of files that the person adds; of a document that a folder holds it is noted."""
        for event in events:
            added = event.report if event.report and event.report.status in ("added", "duplicate") else None
            if added is not None and self._records.holders(added.document_id or ""):
                self._records.keep(added.document_id or "")
            yield event

    def anything_new(self, cancelled: threading.Event | None = None) -> bool:
        """Whether a look would do anything: a scan of each folder and a query or two, no file read."""
        looks = list(self._looks(cancelled))
        for look in looks:
            if not (look.changed or look.gone):
                self._note(look)
        return any(look.changed or look.gone for look in looks)

    def look(
        self,
        cancelled: threading.Event | None = None,
        busy: Callable[[], bool] = lambda: False,
        enough: Callable[[], bool] = lambda: False,
    ) -> Steps:
        """Bring the library to what lies in the folders; returns whether it came to the end.

        It stops between two files when `enough()`. What is new is read before anything is removed, so that a file
        that was moved keeps its document. Raises DatabaseError, and EmbeddingModelError: no file can be added then.
        """
        cancelled = cancelled or threading.Event()
        self._database.write()
        self._records.forget_kept()
        looks = list(self._looks(cancelled))
        total = sum(len(look.changed) for look in looks)
        waiting = [(look, path) for look in looks for path in look.changed]
        try:
            for index, (look, path) in enumerate(waiting):
                if look.folder not in self._records.folders():
                    continue  # followed no longer
                yield from self._reader.read(look, path, (index, total), cancelled, busy)
                if cancelled.is_set() or enough():
                    return False
        finally:
            for look in looks:
                self._records.save_notes(look.folder, look.notes)
        for look in self._looks(cancelled):  # reading may have taken hours
            for index, path in enumerate(look.gone):
                yield self._reader.remove(look, path, (index, len(look.gone)))
                if cancelled.is_set():
                    return False
            self._note(look)
        return not cancelled.is_set()

    @property
    def _own(self) -> Path:
        return self._database.path.parent.resolve()

    def _looks(self, cancelled: threading.Event | None) -> Iterator[FolderLook]:
        from ert_core.loaders import SUPPORTED_SUFFIXES

        for folder in self._records.folders():
            found = scan(Path(folder), SUPPORTED_SUFFIXES, self._own, cancelled)
            if found is None:
                return
            records, notes = self._records.files(folder), self._records.notes(folder)
            away = found.out_of_reach(notes.places)
            self._states[folder] = (_now(), _problem(folder, found, away))
            changed = [path for path, file in found.files.items() if is_new(path, file, records.get(path), notes)]
            gone = [path for path in records if path not in found.files and not is_under(path, away)]
            yield FolderLook(folder, found, records, notes, changed, gone, away)

    def _note(self, look: FolderLook) -> None:
        """Keep what is known of a folder after a look."""
        for name in [n for n in look.notes.failures if n not in look.found.files and not is_under(n, look.away)]:
            del look.notes.failures[name]
        before = {path: place for path, place in look.notes.places.items() if is_under(path, look.away)}
        look.notes.places = {**look.found.places, **before}
        self._records.save_notes(look.folder, look.notes)


def _problem(folder: str, found: FolderScan, away: tuple[str, ...]) -> ErtError | None:
    if reason := found.unreadable.get(""):
        return FolderError("folder_unreadable", path=folder, reason=reason)
    if "" in away:
        return FolderError("folder_emptied", path=folder)
    if away:
        return FolderError("folder_partly", path=folder, part=sorted(away)[0], count=len(away))
    return None


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
