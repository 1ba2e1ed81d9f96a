"""Processes killed at random moments and at each step of saving; another process then looks at what is left."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from trials import crash_look, crash_work
from trials.crash_look import Known
from trials.crash_work import STEPS
from trials.forked import started
from trials.trial import Trial

TRIES_OF_ONE_LIBRARY = 10
_LIMIT_SECONDS = 120.0


def _working(pipe: Connection, function: str, *arguments: Any, **named: Any) -> None:
    getattr(crash_work, function)(*arguments, lambda *said: pipe.send(said), **named)


def _looking(pipe: Connection, home: Path, known: Known) -> None:
    try:
        pipe.send((crash_look.look(home, known), known))
    except BaseException as error:
        pipe.send(([f"cannot be opened: {type(error).__name__}: {error}"], known))


def run_and_kill(known: Known, after: Callable[[], float] | None, function: str, *arguments: Any, **named: Any) -> None:
    """Start a process, note in `known` what it says, and kill it `after()` seconds (None: it kills itself)."""
    process, here = started(_working, function, *arguments, **named)
    deadline = time.monotonic() + _LIMIT_SECONDS
    end: float | None = None
    try:
        while time.monotonic() < deadline:
            left = min(end, deadline) - time.monotonic() if end is not None else deadline - time.monotonic()
            if not here.poll(max(0.0, left)):
                break
            said = here.recv()
            if said[0] == "ready":
                end = None if after is None else time.monotonic() + after()
            else:
                known.take(*said)
            if end is not None and time.monotonic() >= end:
                break
    except EOFError:
        pass
    process.kill()
    try:  # what it said before it died counts
        while here.poll(0.0):
            said = here.recv()
            if said[0] != "ready":
                known.take(*said)
    except (EOFError, OSError):
        pass
    process.join()


def look_afterwards(home: Path, known: Known) -> tuple[list[str], Known]:
    """What another process finds wrong, and what is known then."""
    process, here = started(_looking, home, known)
    try:
        if not here.poll(_LIMIT_SECONDS):
            return [f"not ready after {_LIMIT_SECONDS:.0f} s"], known
        found, known = here.recv()
        return found, known
    except EOFError:
        return ["the process that looked died"], known
    finally:
        process.kill()
        process.join()


def kill_at_random(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Kills while adding, deleting and asking; one in ten with the real parsers."""
    failures: list[str] = []
    known = Known()
    for number in range(count):
        home = folder / f"library-{number // TRIES_OF_ONE_LIBRARY}"
        if number % TRIES_OF_ONE_LIBRARY == 0:
            known = Known()
        seed = str(rng.random())
        parse = number % TRIES_OF_ONE_LIBRARY == TRIES_OF_ONE_LIBRARY - 1
        wait = rng.uniform(0.0, 0.5)
        run_and_kill(known, lambda wait=wait: wait, "work", home, seed, _copy(known), parse=parse, broken=broken)  # type: ignore[misc]
        found, known = look_afterwards(home, known)
        failures += [f"try {number}: {f}" for f in found]
        if found:  # what is lost once would be reported at each following try
            known = Known()
            home.rename(home.with_name(f"{home.name}-failed-{number}"))
    return failures


def kill_with_the_model(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Kills while documents are added with the real embedding model."""
    failures: list[str] = []
    for number in range(count):
        known, home, seed, wait = Known(), folder / str(number), str(rng.random()), rng.uniform(0.0, 3.0)
        after = lambda wait=wait: wait  # noqa: E731
        run_and_kill(known, after, "work_with_the_model", home, seed, _copy(known), broken=broken)  # type: ignore[arg-type]
        failures += [f"try {number}: {f}" for f in look_afterwards(home, known)[0]]
    return failures


def kill_at_each_step(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """A process that ends itself at a named step, the steps in turn."""
    failures: list[str] = []
    for number, step in zip(range(count), itertools.cycle(STEPS), strict=False):
        known, home = Known(), folder / str(number)
        run_and_kill(known, None, "work_until", home, str(rng.random()), step, _copy(known), broken=broken)
        found = [] if known.reached else ["the step was not reached"]
        failures += [f"{step}, try {number}: {f}" for f in found + look_afterwards(home, known)[0]]
    return failures


def control_only(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Every try of the broken step must lose something: those that do not are the failures."""
    if broken:
        return kill_at_random(count, rng, folder, True)
    unseen = 0
    for number in range(count):
        place = folder / str(number)
        unseen += not any(kill_at_random(1, rng, place / str(again), True) for again in range(3))
    return [f"{unseen} of {count} losses were not reported"] if unseen else []


def _copy(known: Known) -> Known:
    return Known(dict(known.texts), set(known.deleted), {c: list(m) for c, m in known.messages.items()})


_WHOLE = (
    "nothing acknowledged is lost, no half document, `integrity_check` ok, index = database, ready in 10 s,"
    " no duplicate"
)
_FIRST = "said before it is saved"
TRIALS = [
    Trial("kill-random", "kill -9 at random moments of add, delete, chat", 1000, _WHOLE, kill_at_random, _FIRST, 10),
    Trial("kill-model", "the same with the real embedding model", 50, _WHOLE, kill_with_the_model, _FIRST, 5, short=2),
    Trial("kill-steps", f"kill at each step: {', '.join(STEPS)}", 200, _WHOLE, kill_at_each_step, _FIRST, 8),
    Trial("kill-control", "a step that is said before it is saved", 50, "the loss is reported", control_only, _FIRST),
]
