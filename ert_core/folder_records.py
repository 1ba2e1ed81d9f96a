"""What is remembered of followed folders: which file gave which document, and which could not be read.

A document goes with its file only where nothing else holds it. What holds it is a row of `folder_files`: of another
file that gave it, of the folder KEPT for a document that the person added as well, or of a path that begins with
CLAIM: it is being added, and whoever finds that row after a crash knows that no person did.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from ert_core.database import Database
from ert_core.errors import ErtError
from ert_core.folder_scan import Place
from ert_core.locale import catalogue
from ert_core.row_checks import FOLDER_FILE_IS_SOUND, FOLDER_IS_SOUND, OF_FOLDER, OF_FOLDER_FILE

KEPT = ""
CLAIM = "/"
_NOTES = "folder:"


@dataclass(frozen=True)
class FileRecord:
    """A file as it was read: size (bytes), modified (ns since 1970), and the document that it gave, if any."""

    size: int
    modified: int
    document_id: str | None


@dataclass(frozen=True)
class FileFailure:
    """A file that gave no document; `error` is None where it was read and holds no text."""

    name: str
    error: ErtError | None


@dataclass
class FolderNotes:
    """Of one folder: the files that failed, as (code, values) of the error, and the places of its disks."""

    failures: dict[str, tuple[str, dict[str, object]]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def failed(self, name: str, error: ErtError | None) -> None:
        """Note a failure; `error` None: no text."""
        self.failures[name] = ("", {}) if error is None else (error.code, error.values)

    def told(self) -> tuple[FileFailure, ...]:
        """The failures for people, by name."""
        return tuple(FileFailure(name, _error(*self.failures[name])) for name in sorted(self.failures))


class FolderRecords:
    """The rows of one database. Raises DatabaseError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def folders(self) -> list[str]:
        """The paths of the followed folders, the first followed first."""
        rows = self._database.checked_rows(f"SELECT path, {FOLDER_IS_SOUND} FROM folders ORDER BY added_at, path")
        return [path for (path,) in rows if path != KEPT]

    def add_folder(self, path: str) -> None:
        """Remember a folder."""
        with self._database.transaction() as cursor:
            now = datetime.now(timezone.utc).isoformat(timespec="seconds")
            cursor.execute(
                f"INSERT OR IGNORE INTO folders ({OF_FOLDER}, checksum) VALUES (?1, ?2, checksum(?1, ?2))", (path, now)
            )

    def remove_folder(self, path: str) -> None:
        """Forget a folder, and all that is known of its files."""
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM folders WHERE path = ?", (path,))
            cursor.execute("DELETE FROM state WHERE name = ?", (_NOTES + path,))

    def files(self, folder: str) -> dict[str, FileRecord]:
        """The records of a folder by path, claims included."""
        rows = self._database.checked_rows(
            f"SELECT path, size, modified, document_id, {FOLDER_FILE_IS_SOUND} FROM folder_files WHERE folder = ?",
            (folder,),
        )
        return {path: FileRecord(*rest) for path, *rest in rows}

    def counts(self) -> dict[str, int]:
        """How many files are known of each folder."""
        query = "SELECT folder, count(*) FROM folder_files WHERE substr(path, 1, 1) != ? GROUP BY folder"
        return dict(self._database.rows(query, (CLAIM,)))

    def save(self, folder: str, path: str, record: FileRecord) -> None:
        """Remember a file, no longer being added."""
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM folder_files WHERE folder = ? AND path = ?", (folder, CLAIM + path))
            # The folder may be followed no longer.
            cursor.execute(
                f"INSERT OR REPLACE INTO folder_files ({OF_FOLDER_FILE}, checksum)"
                " SELECT path, ?2, ?3, ?4, ?5, checksum(path, ?2, ?3, ?4, ?5) FROM folders WHERE path = ?1",
                (folder, path, record.size, record.modified, record.document_id),
            )

    def succeed(self, old: str, new: str) -> None:
        """Put a document into the collections of another, whose place it takes."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "INSERT OR IGNORE INTO collection_documents SELECT collection_id, ?1, checksum(collection_id, ?1)"
                " FROM collection_documents WHERE document_id = ?2 AND ?1 IN (SELECT id FROM documents)",
                (new, old),
            )

    def claim(self, folder: str, path: str, document_id: str) -> None:
        """Note that this document is about to be added because of a file."""
        self.save(folder, CLAIM + path, FileRecord(-1, -1, document_id))

    def forget(self, folder: str, path: str) -> None:
        """Forget a file that is gone."""
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM folder_files WHERE folder = ? AND path = ?", (folder, path))

    def keep(self, document_id: str) -> None:
        """Note that the person added this document as well: it stays when its file goes."""
        self.add_folder(KEPT)
        self.save(KEPT, document_id, FileRecord(-1, -1, document_id))

    def forget_kept(self) -> None:
        """Forget what was noted of documents that have been deleted since."""
        gone = "FROM folder_files WHERE folder = ? AND path NOT IN (SELECT id FROM documents)"
        if self._database.value(f"SELECT 1 {gone} LIMIT 1", (KEPT,)):
            with self._database.transaction() as cursor:
                cursor.execute(f"DELETE {gone}", (KEPT,))

    def holders(self, document_id: str) -> list[tuple[str, str]]:
        """(folder, path) of all that holds a document."""
        query = "SELECT folder, path FROM folder_files WHERE document_id = ? ORDER BY folder, path"
        return [(folder, path) for folder, path in self._database.rows(query, (document_id,))]

    def notes(self, folder: str) -> FolderNotes:
        """What is noted of a folder."""
        saved = self._database.state(_NOTES + folder)
        if saved is None:
            return FolderNotes()
        data = json.loads(saved)
        failures = {name: (str(code), values) for name, (code, values) in data["failures"].items()}
        return FolderNotes(failures, {path: (device, inode) for path, (device, inode) in data["places"].items()})

    def save_notes(self, folder: str, notes: FolderNotes) -> None:
        """Keep the notes of a folder; writes only what has changed."""
        name, data = _NOTES + folder, {"failures": notes.failures, "places": notes.places}
        value = json.dumps(data, ensure_ascii=False, default=str, sort_keys=True)
        if value != self._database.state(name):
            with self._database.transaction() as cursor:
                # The folder may be followed no longer.
                cursor.execute(
                    "INSERT OR REPLACE INTO state SELECT ?1, ?2, checksum(?1, ?2) FROM folders WHERE path = ?3",
                    (name, value, folder),
                )


def is_under(path: str, folders: Iterable[str]) -> bool:
    """Whether the record at `path` is one of `folders` (paths of files may be among them) or lies below one."""
    parts = _parts(path.removeprefix(CLAIM))
    return any(parts[: len(top)] == top for top in map(_parts, folders))


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part]


def _error(code: str, values: dict[str, object]) -> ErtError | None:
    """The error that was noted; an older ERT may know no text for it."""
    if not code:
        return None
    return ErtError(code, **values) if f"error.{code}.message" in catalogue("en") else ErtError("unexpected")
