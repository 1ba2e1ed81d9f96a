"""One writer per data directory: a lock of the operating system, which ends with its process, however that ends.

All engines of a process share it. Who saves first becomes the writer and stays it until the engine closes; the others
read, and may save as soon as it is gone. The lock is of the local machine, as SQLite's own
(https://www.sqlite.org/lockingv3.html).
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ert_core.durable_files import private_part
from ert_core.errors import DatabaseError

LOCK_FILE = "writer.lock"
# Beside it, because a file that is locked cannot be read on Windows.
WRITER_FILE = "writer.json"
_taking = threading.Lock()


@dataclass(frozen=True)
class Writer:
    """Who writes: the program as it was started, its process, and since when (local time)."""

    program: str
    pid: int
    since: str


class WriterLock:
    """The lock of one data directory, for one engine. Thread-safe."""

    def __init__(self, home: Path) -> None:
        self._home = home.resolve()  # one lock for all the names of a directory
        self._lock = FileLock(self._home / LOCK_FILE, mode=0o600, thread_local=False, is_singleton=True)
        self._held = self._closed = False

    def take(self) -> Writer | None:
        """Become the writer, or stay it: None. Otherwise the one that is. Raises DatabaseError."""
        with _taking:
            if self._held or self._closed:
                return None
            shared = self._lock.is_locked  # another engine of this process writes
            try:
                self._lock.acquire(blocking=False)
            except Timeout:
                return self._read()
            except OSError as error:
                reason = error.strerror or str(error)
                raise DatabaseError("home_unusable", path=self._home, reason=reason) from error
            self._held = True
            if not shared:
                self._tell()
            return None

    def release(self) -> None:
        """Let another write; this engine cannot any more."""
        with _taking:
            self._closed = True
            if self._held:
                self._held = False
                if self._lock.lock_counter == 1:  # no other engine of this process writes: nobody does
                    (self._home / WRITER_FILE).unlink(missing_ok=True)
                self._lock.release()

    def _tell(self) -> None:
        """Say who writes; it is only said: without room for it, the lock holds all the same."""
        writer = Writer(_program(), os.getpid(), datetime.now().isoformat(" ", "minutes"))
        place = self._home / WRITER_FILE
        with suppress(OSError):
            part = private_part(place)
            try:
                part.write_text(json.dumps(asdict(writer)), encoding="utf-8")
                part.replace(place)
            finally:
                part.unlink(missing_ok=True)

    def _read(self) -> Writer:
        try:
            found = json.loads((self._home / WRITER_FILE).read_text(encoding="utf-8"))
            return Writer(str(found["program"]), int(found["pid"]), str(found["since"]))
        except (OSError, ValueError, KeyError, TypeError):  # it has taken the lock, and not said so yet
            return Writer("ERT", 0, "–")


def _program() -> str:
    """How this process was started, without paths: "streamlit run ERT.py", "ert_core ingest"."""
    started = Path(sys.argv[0] or "python")
    if started.name == "ERT.py":  # Streamlit puts the script in its own place
        return "streamlit run ERT.py"
    name = started.parent.name if started.stem == "__main__" else started.stem
    return " ".join([name, *[word for word in sys.argv[1:2] if word.isalpha()]])
