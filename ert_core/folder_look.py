"""One look at a followed folder: files that are new or have changed are read, and what has no file any more goes."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ert_core.cpu_budget import pause
from ert_core.errors import EmbeddingModelError, LoaderError
from ert_core.folder_records import CLAIM, KEPT, FileRecord, FolderNotes, FolderRecords
from ert_core.folder_scan import FolderScan, FoundFile
from ert_core.library import Library
from ert_core.progress import IngestEvent, IngestReport, IngestStatus
from ert_core.sources import shown_name
from ert_core.types import Source

# A file that was modified so shortly before it is read may be modified again in the same tick of its file system's
# clock (2 s on FAT): it is read once more, at the next look.
_UNSETTLED_NS = 3 * 10**9
_UNREADABLE = "file_unreadable"


@dataclass
class FolderLook:
    """What a scan has found, beside what is remembered: paths to read, and records that have no file any more.

    `away` are the paths of which nothing can be said.
    """

    folder: str
    found: FolderScan
    records: dict[str, FileRecord]
    notes: FolderNotes
    changed: list[str]
    gone: list[str]
    away: tuple[str, ...]


class FolderReader:
    """Carries out looks, file by file. Raises DatabaseError."""

    def __init__(self, library: Library, records: FolderRecords) -> None:
        self._library = library
        self._records = records

    def read(
        self, look: FolderLook, path: str, place: tuple[int, int], cancelled: threading.Event, busy: Callable[[], bool]
    ) -> Iterator[IngestEvent]:
        """Read a file that is new or has changed, and add its document, unless it is there or was deleted by hand.

        Raises EmbeddingModelError: no file can be added then.
        """
        file, name = look.found.files[path], shown_name(path)
        settled = abs(time.time_ns() - file.modified) > _UNSETTLED_NS
        old = look.records[path].document_id if path in look.records else None
        record = FileRecord(file.size, file.modified if settled else -1, old)
        event = IngestEvent(*place, name, "reading", 0.0)
        yield event
        pause(cancelled)
        try:
            content = self._library.read(Source(name, path=file.path))
        except LoaderError as error:
            yield replace(event, report=self._failed(look, path, record, IngestReport(name, "failed", error=error)))
            return
        document_id = hashlib.sha256(content).hexdigest()
        holders = self._records.holders(document_id)
        status: IngestStatus | None = None
        if self._library.store.has(document_id):
            if not holders:
                self._records.keep(document_id)
                status = "duplicate"
        elif all(held.startswith(CLAIM) for _, held in holders):
            self._records.claim(look.folder, path, document_id)
            report = None
            for step in self._library.add([Source(name, content=content)], cancelled, busy):
                report = step.report
                if report is None:
                    yield replace(step, index=event.index, total=event.total)
            if report is None:  # cancelled
                return
            if isinstance(report.error, EmbeddingModelError):
                raise report.error
            if report.status in ("failed", "empty"):
                yield replace(event, report=self._failed(look, path, record, report))
                return
            if report.status == "duplicate":  # added by hand a moment ago
                self._records.keep(document_id)
            status = report.status
        look.notes.failures.pop(path, None)
        if old is not None and old != document_id:
            self._records.succeed(old, document_id)
            self._release(old, look.folder, path)
        self._records.save(look.folder, path, replace(record, document_id=document_id))
        report = None if status is None else IngestReport(name, status, document_id)
        yield replace(event, step="saving", fraction=1.0, report=report)

    def _failed(self, look: FolderLook, path: str, record: FileRecord, report: IngestReport) -> IngestReport:
        """Remember that a file gave no document; the one it gave before stays until it can be read again."""
        look.notes.failed(path, report.error)
        self._records.save(look.folder, path, record)
        return report

    def remove(self, look: FolderLook, path: str, place: tuple[int, int]) -> IngestEvent:
        """Forget a file that is gone, and remove its document, unless something else holds that."""
        document_id, shown = look.records[path].document_id, shown_name(path.removeprefix(CLAIM))
        removed = document_id is not None and self._release(document_id, look.folder, path)
        self._records.forget(look.folder, path)
        report = IngestReport(shown, "removed", document_id) if removed else None
        return IngestEvent(*place, shown, "removing", 1.0, report)

    def _release(self, document_id: str, folder: str, path: str) -> bool:
        """Remove a document that this file held and nothing else does; another file that does gives it its name."""
        holders = [holder for holder in self._records.holders(document_id) if holder != (folder, path)]
        if not holders:
            return self._library.remove(document_id)
        if all(holding != KEPT for holding, _ in holders):
            old, new = (shown_name(p.removeprefix(CLAIM)) for p in (path, holders[0][1]))
            self._library.store.rename(document_id, old, new)
        return False


def is_new(path: str, file: FoundFile, record: FileRecord | None, notes: FolderNotes) -> bool:
    """Whether a file has to be read. One that could not be opened is, as soon as it can be."""
    if record is None or (record.size, record.modified) != (file.size, file.modified):
        return True
    if notes.failures.get(path, ("",))[0] != _UNREADABLE:
        return False
    try:
        with file.path.open("rb"):
            return True
    except OSError:
        return False
