"""Files that are whole or not there: written beside their place, brought to the disk, then renamed.

A rename alone is not on the disk before its folder is (https://man7.org/linux/man-pages/man2/fsync.2.html).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PART_SUFFIX = ".part"


def create_private(path: Path) -> Path:
    """`path`, an empty file that its owner alone may read; what was there is gone. Raises OSError."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


def private_part(path: Path) -> Path:
    """A new empty file beside `path`, of a name of its own, that its owner alone may read. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f"{path.name[:40]}.", suffix=PART_SUFFIX, dir=path.parent)
    os.close(handle)
    return Path(name)


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk. Raises OSError."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folder, and its renames are journalled
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(part: Path, path: Path) -> None:
    """Make the file `part`, of the same folder, the file `path`, on the disk when this returns. Raises OSError."""
    sync(part)
    part.replace(path)
    sync(path.parent)
