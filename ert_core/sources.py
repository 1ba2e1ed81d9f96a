"""Paths named by a person -> the files to add."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ert_core.errors import DamagedFileError
from ert_core.types import Source


@dataclass(frozen=True)
class Collected:
    """The files to add, and those of a folder whose format ERT does not read."""

    sources: tuple[Source, ...]
    ignored: tuple[Path, ...]


def collect(paths: Sequence[Path], suffixes: frozenset[str]) -> Collected:
    """The files of `paths`: each file named, and those of a folder, recursively, by their suffix.

    In a folder, hidden entries, links and devices are left out, so that it cannot lead elsewhere. A
    file that was named itself is always taken: its report says when it cannot be read. Raises
    DamagedFileError for a path that does not exist.
    """
    sources: list[Source] = []
    ignored: list[Path] = []
    for path in paths:
        if path.is_dir():
            for file in _files(path):
                if file.suffix.lower() in suffixes:
                    sources.append(Source(str(file.relative_to(path)), path=file))
                else:
                    ignored.append(file)
        elif path.is_file():
            sources.append(Source(path.name, path=path))
        else:
            raise DamagedFileError("path_missing", path=path)
    return Collected(tuple(sources), tuple(ignored))


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root, name)
            if not name.startswith(".") and not path.is_symlink() and path.is_file():
                yield path
