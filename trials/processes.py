"""Two processes on one data directory: one writes, the other reads, and takes over."""

from __future__ import annotations

import os
import random
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ert_core.errors import DatabaseError, ErtError
from ert_core.writer_lock import WriterLock
from trials.forked import started
from trials.stub import add, stub_engine, text_of
from trials.trial import Trial

TAKE_OVER_SECONDS = 5.0
_LIMIT_SECONDS = 60.0


def _ended(process: Any, pipe: Connection) -> Any:
    """What a process has sent at its end; a sentence when it sent nothing."""
    try:
        return pipe.recv() if pipe.poll(_LIMIT_SECONDS) else "did not end"
    except EOFError:
        return "died"
    finally:
        process.kill()
        process.join()


def _without_lock() -> None:
    WriterLock.take = lambda self: None  # type: ignore[method-assign]


def _start_once(pipe: Connection, home: Path, seed: str, at: float, broken: bool) -> None:
    if broken:
        _without_lock()
    rng = random.Random(seed)
    time.sleep(max(0.0, at - time.monotonic()))
    try:
        engine = stub_engine(home)
        try:
            status = add(engine, "one.txt", text_of(rng)).status
        except DatabaseError as error:
            status = error.code
        count = engine.library.store.count()
        pipe.send((status, count))
        pipe.poll(_LIMIT_SECONDS)  # stays until the other has tried
    except ErtError as error:
        pipe.send((error.code, str(error)))


def starts_at_once(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Two first starts on an empty directory in the same moment."""
    failures = []
    for number in range(count):
        at = time.monotonic() + 0.3
        both = [started(_start_once, folder / str(number), str(rng.random()), at, broken) for _ in range(2)]
        said = []
        for _, pipe in both:
            try:
                said.append(pipe.recv() if pipe.poll(_LIMIT_SECONDS) else ("did not end", 0))
            except EOFError:
                said.append(("died", 0))
        for process, _ in both:
            process.kill()
            process.join()
        if sorted(str(status) for status, _ in said) != ["added", "other_writer"]:
            failures.append(f"try {number}: {said}")
    return failures


def _write_and_ask(pipe: Connection, home: Path, seed: str, seconds: float, broken: bool) -> None:
    if broken:
        _without_lock()
    rng = random.Random(seed)
    engine = stub_engine(home)
    texts: dict[str, str] = {}
    errors: list[str] = []
    end = time.monotonic() + seconds
    done = 0
    while time.monotonic() < end:
        try:
            if len(texts) < 5 or rng.random() < 0.5:
                text = text_of(rng)
                texts[str(add(engine, f"{done}.txt", text).document_id)] = text
            elif rng.random() < 0.5:
                engine.library.remove(texts and rng.choice(sorted(texts)))
                texts = {d.id: "" for d in engine.library.store.documents()} if broken else _left(engine, texts)
            else:
                engine.search(text_of(rng, 1))
            done += 1
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
    if engine.library.store.count() != len(texts):
        errors.append(f"the writer knows {len(texts)} documents, the library has {engine.library.store.count()}")
    pipe.send((done, errors))


def _left(engine: Any, texts: dict[str, str]) -> dict[str, str]:
    return {i: t for i, t in texts.items() if engine.library.store.has(i)}


def _read(pipe: Connection, home: Path, seed: str, seconds: float) -> None:
    rng = random.Random(seed)
    engine = stub_engine(home)
    errors: list[str] = []
    end = time.monotonic() + seconds
    done = 0
    while time.monotonic() < end:
        try:
            if engine.library.store.count():
                for found in engine.search(text_of(rng, 1)).passages:
                    text = engine.library.store.text(found.passage.document_id)
                    if text is not None and found.passage.text not in text:
                        errors.append("a passage that its document does not hold")
            done += 1
            try:
                engine.conversations.start("not allowed")
                errors.append("both processes write")
            except DatabaseError as error:
                if error.code != "other_writer":
                    errors.append(f"{error.code}: {error}")
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        time.sleep(0.01)
    pipe.send((done, errors))


def mixed_load(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """One process writes, one reads and tries to write, for `count` seconds."""
    home = folder / "home"
    writer = started(_write_and_ask, home, str(rng.random()), float(count), broken)
    time.sleep(1.0)  # the first to save is the writer
    reader = started(_read, home, str(rng.random()), float(count) - 1.5)
    failures = []
    for name, (process, pipe) in (("reader", reader), ("writer", writer)):
        limit = time.monotonic() + count + _LIMIT_SECONDS
        while not pipe.poll(1.0) and process.is_alive() and time.monotonic() < limit:
            pass
        said = _ended(process, pipe)
        failures += [f"{name}: {said}"] if isinstance(said, str) else [f"{name}: {e}" for e in said[1]]
    engine = stub_engine(home)
    if (integrity := engine.database.value("PRAGMA integrity_check")) != "ok":
        failures.append(str(integrity))
    engine.close()
    return failures


def _hold(pipe: Connection, home: Path, seed: str) -> None:
    rng = random.Random(seed)
    engine = stub_engine(home)
    pipe.send("writes" if engine.other_writer() is None else "reads")
    while True:
        add(engine, "one.txt", text_of(rng))


def writer_killed(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """A reader waits, as its pages do, and saves once the writer is killed."""
    failures = []
    for number in range(count):
        home = folder / str(number)
        process, pipe = started(_hold, home, str(rng.random()))
        pipe.recv()
        reader = stub_engine(home)
        if broken:  # a lock that is a file, which a crash leaves behind
            reader.database._writer.take = reader.database._writer._read  # type: ignore[method-assign]
        other = reader.other_writer()
        if other is None or other.pid != process.pid:
            failures.append(f"try {number}: {other} is said to write, not {process.pid}")
        time.sleep(rng.uniform(0.0, 0.3))
        os.kill(process.pid, signal.SIGKILL)
        began = time.monotonic()
        while (still := reader.other_writer()) is not None and time.monotonic() - began < TAKE_OVER_SECONDS:
            time.sleep(0.1)
        if still is not None:
            failures.append(f"try {number}: not taken over after {TAKE_OVER_SECONDS:.0f} s")
        else:
            reader.conversations.start("now")
            if reader.database.value("PRAGMA integrity_check") != "ok":
                failures.append(f"try {number}: not whole")
        reader.close()
        process.kill()
        process.join()
    return failures


TRIALS = [
    Trial(
        "two-starts",
        "two processes on an empty directory, started at once",
        100,
        "one writes, the other says so; no error",
        starts_at_once,
        "no lock",
        3,
    ),
    Trial(
        "mixed-load",
        "one process writes, another reads and tries to, seconds",
        600,
        "one writer, nothing corrupt, nothing `locked`",
        mixed_load,
        "no lock in the first",
        4,
        short=6,
    ),
    Trial(
        "writer-killed",
        "the writer is killed while it writes",
        20,
        f"the other saves within {TAKE_OVER_SECONDS:.0f} s, whole",
        writer_killed,
        "the lock is a file that a crash leaves",
        1,
    ),
]
