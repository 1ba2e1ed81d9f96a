"""The parent's side: one child process per file, fed through pipes, stopped at the limits."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

from ert_core.cpu_budget import pause
from ert_core.errors import LoaderError
from ert_core.held_process import hold_to_budget
from ert_core.loaders.formats import FAMILY_OF_SUFFIX, MEDIA_TYPES, media_type, suffix_of
from ert_core.loaders.limits import Limits
from ert_core.loaders.loader_errors import ERRORS, refusal
from ert_core.types import LoadedDocument, Page

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
# -I keeps the current directory and PYTHON* variables out; the parent's own paths are given instead.
_START = "import sys; sys.path[:] = sys.argv[1:]; from ert_core.loaders.child import main; main()"
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
_STDERR_KEPT = 20_000
# The numbers and lengths of the pages.
_FRAME_BYTES = 2_000_000


class LoadingCancelled(Exception):
    """The person stopped it: no error."""


def run_child(
    name: str,
    content: bytes,
    family: str,
    *,
    password: str | None,
    limits: Limits,
    cancelled: threading.Event | None = None,
    busy: Callable[[], bool] = lambda: False,
) -> LoadedDocument:
    """Parse `content` in a child process. Raises LoaderError; a child that dies is one, too. LoadingCancelled."""
    header = {"family": family, "suffix": suffix_of(name), "password": password}
    return _read_reply(name, child_output(name, content, header, limits=limits, cancelled=cancelled, busy=busy))


def child_output(
    name: str,
    content: bytes,
    header: Mapping[str, object],
    *,
    limits: Limits,
    cancelled: threading.Event | None = None,
    busy: Callable[[], bool] = lambda: False,
) -> bytearray:
    """What a child process writes for `content`: to be read by `reply_of`, and not to be trusted.

    `header` is what the child is told (`child.main`). Raises LoaderError; a child that dies is one, too.
    LoadingCancelled.
    """
    header = {**header, "limits": limits._asdict()}
    cancelled = cancelled or threading.Event()
    child = _Child(limits, cancelled, busy)
    status, output, in_time = child.run(json.dumps(header).encode() + b"\n", content)
    if cancelled.is_set():
        raise LoadingCancelled
    if not in_time:
        raise refusal("limit_time", name)
    if len(output) > _output_limit(limits):
        raise refusal("limit_output", name)
    if status != 0:
        raise _death(name, status)
    return output


class _Child:
    """One child process and the three threads that keep its pipes moving."""

    def __init__(self, limits: Limits, cancelled: threading.Event, busy: Callable[[], bool]) -> None:
        self._limits = limits
        self._cancelled = cancelled
        self._busy = busy
        self._output = bytearray()
        self._errors = bytearray()

    def run(self, header: bytes, content: bytes) -> tuple[int, bytearray, bool]:
        """(exit status, standard output, whether it ended by itself in time)."""
        pause(self._cancelled)
        in_time = False
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _START, *_import_paths()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={v: os.environ[v] for v in _KEPT_VARIABLES if v in os.environ},
            cwd=Path(sys.executable).anchor,
            start_new_session=True,
        )
        threads = [
            threading.Thread(target=_feed, args=(process.stdin, header, content), daemon=True),
            threading.Thread(target=self._collect, args=(process,), daemon=True),
            threading.Thread(target=self._collect_errors, args=(process.stderr,), daemon=True),
        ]
        try:
            for thread in threads:
                thread.start()
            in_time = hold_to_budget(
                process,
                threads[1],
                seconds=self._limits.wall_seconds,
                cancelled=self._cancelled,
                ready=lambda: bool(self._output),
                busy=self._busy,
            )
            if not in_time:
                _log.debug("loader child: stopped after %s s, or cancelled", self._limits.wall_seconds)
        finally:
            # Also on success and on KeyboardInterrupt: nothing of the child's group may stay behind.
            _kill_group(process)
            process.wait()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        if self._errors:
            _log.debug("loader child: %s", self._errors.decode("utf-8", "replace"))
        return process.returncode, self._output, in_time

    def _collect(self, process: subprocess.Popen[bytes]) -> None:
        ceiling = _output_limit(self._limits)
        while chunk := _read_some(process.stdout):
            self._output += chunk
            if len(self._output) > ceiling:
                _kill_group(process)
                return

    def _collect_errors(self, pipe: IO[bytes] | None) -> None:
        while chunk := _read_some(pipe):
            self._errors += chunk[: max(0, _STDERR_KEPT - len(self._errors))]


def _read_some(pipe: IO[bytes] | None) -> bytes:
    return b"" if pipe is None else os.read(pipe.fileno(), 1 << 16)


def _feed(pipe: IO[bytes] | None, header: bytes, content: bytes) -> None:
    if pipe is None:
        return
    try:
        with pipe:
            pipe.write(header)
            pipe.write(content)
    except (BrokenPipeError, OSError):
        # The child ended before it read everything: its status says why.
        return


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if not hasattr(os, "killpg"):  # Windows
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS says PermissionError for a group that has ended
        return


def _import_paths() -> list[str]:
    """Where the child imports from: as the parent, less what is relative to the current directory."""
    package = str(Path(__file__).resolve().parents[2])
    return list(dict.fromkeys([package, *(p for p in sys.path if os.path.isabs(p))]))  # noqa: PTH117


def _output_limit(limits: Limits) -> int:
    return limits.output_bytes + _FRAME_BYTES


def _death(name: str, status: int) -> LoaderError:
    """What the exit status of a child without a reply says. Limits end it by signal on POSIX."""
    ended_by = -status
    if ended_by in {getattr(signal, s, None) for s in ("SIGXCPU", "SIGALRM")}:
        return refusal("limit_time", name)
    if ended_by == getattr(signal, "SIGKILL", None):  # the kernel was out of memory
        return refusal("limit_memory", name)
    return refusal("file_crashed", name)


def reply_of(name: str, output: bytearray, read: Callable[[Any, memoryview], _T]) -> _T:
    """The reply of a child, checked: it has read a file that may be hostile.

    `read` gets its JSON and what follows, and raises ValueError, TypeError, KeyError or AttributeError where they are
    not what was asked for. Raises LoaderError.
    """
    try:
        start = output.index(b"}\n") + 2
        reply: Any = json.loads(output[:start])
        if "error" not in reply:
            return read(reply, memoryview(output)[start:])
        code, values = reply["error"], reply["values"]
        if code not in ERRORS or not all(isinstance(v, int) for v in values.values()):
            raise ValueError(code)
        error = refusal(code, name, **values)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise refusal("file_crashed", name) from problem
    raise error


def _read_reply(name: str, output: bytearray) -> LoadedDocument:
    def read(reply: Any, texts: memoryview) -> LoadedDocument:
        family, suffix = reply["family"], suffix_of(name)
        if family not in MEDIA_TYPES:
            raise ValueError(family)
        shown = suffix if FAMILY_OF_SUFFIX.get(suffix) == family else ""
        return LoadedDocument(media_type(family, shown), tuple(_pages(reply["pages"], texts)))

    return reply_of(name, output, read)


def _pages(told: Iterable[tuple[object, object]], texts: memoryview) -> Iterator[Page]:
    """The pages whose numbers and lengths are `told`; each text is decoded where it stands: it may be large."""
    for number, size in told:
        if not (number is None or isinstance(number, int)) or not isinstance(size, int) or not 0 <= size <= len(texts):
            raise TypeError("a page is a number and a length")
        yield Page(number, str(texts[:size], "utf-8"))
        texts = texts[size:]
    if texts:
        raise ValueError("texts of no page")
