"""What lies in a folder now: its files with size and time of modification, and what could not be looked at."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ert_core.cpu_budget import pause

# Entries between two pauses for the CPU budget.
PACED_ENTRIES = 500

# Device and inode: those of another disk, or of the place where none is mounted, differ.
Place = tuple[int, int]


@dataclass(frozen=True)
class FoundFile:
    """A file: its size in bytes and when it was modified, in ns since 1970."""

    path: Path
    size: int
    modified: int


@dataclass
class FolderScan:
    """Paths are below the folder, "" is the folder itself.

    `unreadable` has the reason for each folder or file that could not be looked at; `places` are those of the
    folder and of the disks mounted in it; `occupied` are the folders that hold anything at all.
    """

    files: dict[str, FoundFile] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    occupied: set[str] = field(default_factory=set)

    def out_of_reach(self, before: Mapping[str, Place]) -> tuple[str, ...]:
        """The folders and files of which nothing can be said: unreadable, or on a disk that is not there now.

        `before` are the `places` of an earlier scan. A folder that is empty, and another one than it was, is where a
        disk is mounted at other times; one that is empty and the same was emptied.
        """
        away = [path for path, place in before.items() if self.places.get(path) != place and path not in self.occupied]
        return (*self.unreadable, *away)


def scan(
    folder: Path, suffixes: frozenset[str], own: Path, cancelled: threading.Event | None = None
) -> FolderScan | None:
    """The files of a folder and its subfolders that have one of `suffixes`; None when `cancelled`.

    Hidden entries, links, devices and what an office program keeps beside an open file are left out, and the folder
    `own` (ERT's data).
    """
    found = FolderScan()
    waiting: list[tuple[Path, str, int | None]] = [(folder, "", None)]
    seen = 0
    while waiting:
        path, below, device = waiting.pop()
        try:
            status = path.stat()
            if status.st_dev != device:
                found.places[below] = (status.st_dev, status.st_ino)
            with os.scandir(path) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            found.unreadable[below] = error.strerror or str(error)
            continue
        if listed:
            found.occupied.add(below)
        below_it: list[tuple[Path, str, int | None]] = []
        for entry in listed:
            seen += 1
            if not seen % PACED_ENTRIES:
                pause(cancelled)
            if cancelled is not None and cancelled.is_set():
                return None
            name = f"{below}{os.sep}{_as_text(entry.name)}" if below else _as_text(entry.name)
            try:
                if entry.name.startswith((".", "~$")) or entry.is_symlink():
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if Path(entry.path) != own:
                        below_it.append((Path(entry.path), name, status.st_dev))
                elif entry.is_file(follow_symlinks=False) and Path(entry.name).suffix.lower() in suffixes:
                    of_file = entry.stat(follow_symlinks=False)
                    found.files[name] = FoundFile(Path(entry.path), of_file.st_size, of_file.st_mtime_ns)
            except OSError as error:
                found.unreadable[name] = error.strerror or str(error)
        waiting += reversed(below_it)  # in the order of their names
    return found


def _as_text(name: str) -> str:
    """A name as the database can hold it: bytes that are no UTF-8 are written out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
