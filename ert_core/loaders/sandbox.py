"""What the child gives up before it looks at a file: memory, time, files, processes, the network.

Each layer stands for itself. Limits are the kernel's (POSIX); the network is left by an empty network
namespace where the system lets an ordinary user make one, and by an audit hook everywhere. The hook
stops Python code only: against a broken C parser the namespace and the limits remain.
"""

from __future__ import annotations

import os
import signal
import sys

from ert_core.loaders.limits import Limits

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG = 1
# Where the system does not end a child with its parent, a clock does, late enough for one that was held: the time
# a child is stopped is not counted by the parent, but by this clock.
_ORPHAN_WALL_LIMITS = 10
_FORBIDDEN_EVENTS = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.kill",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
    "shutil.",
    "webbrowser.",
    "urllib.",
    "ftplib.",
    "http.client.",
    "smtplib.",
)


class ForbiddenError(Exception):
    """A parser tried what a child may not do."""


def enter(limits: Limits) -> None:
    """Give up everything but reading installed code, and the open pipes. For this process, for ever."""
    _limit_resources(limits)
    _leave_network()
    die_with_parent()  # again: other namespaces may have undone it
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)


def die_with_parent() -> None:
    """Let the system kill this process when the thread that started it ends, stopped as it may be (Linux)."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_resources(limits: Limits) -> None:
    if sys.platform == "win32":  # no such limits there: the parent's clock and output limit remain
        return
    import resource

    cpu = max(1, limits.cpu_seconds)
    _limit(resource.RLIMIT_CPU, cpu, cpu + 2)
    _limit(resource.RLIMIT_DATA, limits.memory_bytes)
    _limit(resource.RLIMIT_AS, 4 * limits.memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    if not sys.platform.startswith("linux"):
        signal.alarm(int(limits.wall_seconds * _ORPHAN_WALL_LIMITS) + 1)


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Lower one limit; a limit of the machine that is lower already stays."""
    import resource

    ceiling = resource.getrlimit(kind)[1]
    wanted = [soft, soft if hard is None else hard]
    if ceiling != resource.RLIM_INFINITY:
        wanted = [min(value, ceiling) for value in wanted]
    try:
        resource.setrlimit(kind, (wanted[0], wanted[1]))
    except (ValueError, OSError):
        # macOS refuses some memory limits; the others still hold.
        sys.stderr.write(f"limit {kind} was refused\n")


def _leave_network() -> None:
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    if ctypes.CDLL(None).unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        sys.stderr.write("no network namespace on this system\n")


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        # A number is a pipe that is open already.
        if not isinstance(path, int) and isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise ForbiddenError("a loader writes no file")
    elif event.startswith(_FORBIDDEN_EVENTS):
        raise ForbiddenError(f"a loader may not use {event}")
