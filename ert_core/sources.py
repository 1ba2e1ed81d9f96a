"""Paths named by a person -> the files to add."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ert_core.errors import DamagedFileError
from ert_core.types import Source

_SURROGATE = re.compile("[\ud800-\udfff]")
# Line ends and other controls, and the marks that turn the direction of what follows.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Collected:
    """The files to add; of the folders, the files of a format ERT does not read, and what cannot be opened."""

    sources: tuple[Source, ...]
    ignored: tuple[Path, ...]
    unreadable: tuple[Path, ...] = ()


def collect(paths: Sequence[Path], suffixes: frozenset[str]) -> Collected:
    """The files of `paths`: each file named, and those of a folder, recursively, by their suffix.

    In a folder, hidden entries, links and devices are left out, so that it cannot lead elsewhere. A
    file that was named itself is always taken: its report says when it cannot be read. Raises
    DamagedFileError for a path that does not exist or that cannot be reached.
    """
    sources: list[Source] = []
    ignored: list[Path] = []
    unreadable: list[Path] = []
    for path in paths:
        if _is_folder(path):
            for file in _files(path, unreadable):
                if file.suffix.lower() in suffixes:
                    sources.append(Source(encodable(str(file.relative_to(path))), path=file))
                else:
                    ignored.append(file)
        else:
            sources.append(Source(encodable(path.name), path=path))
    return Collected(tuple(sources), tuple(ignored), tuple(unreadable))


def encodable(text: str) -> str:
    """`text` with U+FFFD for each surrogate, such as stand for the bytes of a file name that is not UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def shown_name(name: str) -> str:
    """A file's name as it is kept and shown: on one line, read in one direction, and in Unicode."""
    return encodable(_CONTROLS.sub(" ", name))


def _is_folder(path: Path) -> bool:
    """True for a folder, False for a file."""
    try:
        if path.is_dir():
            return True
        if path.is_file():
            return False
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            reason = error.strerror or str(error)
            raise DamagedFileError("file_unreadable", name=encodable(str(path)), reason=reason) from error
    raise DamagedFileError("path_missing", path=encodable(str(path)))


def _files(folder: Path, unreadable: list[Path]) -> Iterator[Path]:
    """The plain files of a folder and its subfolders; what cannot be opened goes to `unreadable`."""

    def note(error: OSError) -> None:
        unreadable.append(Path(error.filename or folder))

    for root, folders, files in os.walk(folder, onerror=note, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root, name)
            try:
                plain = not name.startswith(".") and not path.is_symlink() and path.is_file()
            except OSError as error:
                note(error)
                continue
            if plain:
                yield path
