"""Disks that are full, directories that cannot be used."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ert_core.assistant import Assistant
from ert_core.backup import back_up
from ert_core.database import Database
from ert_core.errors import ErtError
from trials.stub import add, stub_engine, text_of
from trials.trial import Trial

REPOSITORY = Path(__file__).resolve().parents[1]
SIZE_KB = 4096
FILL_LEVELS = 20
OPERATIONS = ("add", "chat", "back up")
SENTENCE_SECONDS = 5.0


@contextmanager
def small_disk(place: Path, options: str = f"size={SIZE_KB}k") -> Iterator[Path]:
    """A file system of its own, in memory."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


def full_disk(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Each level of filling with each operation, in one engine that goes on afterwards."""
    failures: list[str] = []
    real = Database.transaction
    every = [(level, operation) for level in range(FILL_LEVELS) for operation in range(len(OPERATIONS))]
    # The broken step shows where the disk is fullest.
    for number, (level, operation) in enumerate(every[:count] if broken else rng.sample(every, count)):
        with small_disk(folder / str(number)) as disk:
            engine = stub_engine(disk / "home")
            first = text_of(rng)
            add(engine, "first.txt", first)
            conversation = engine.conversations.start("before")
            filler = disk / "filler"
            # From nothing left to enough for the journal, but not for the pages.
            left = rng.randrange(0, 4096) + level * 12_288
            filler.write_bytes(b"x" * max(0, shutil.disk_usage(disk).free - left))
            if broken:
                Database.transaction = _swallowing()  # type: ignore[method-assign,assignment]
            try:
                does = _operation(engine, OPERATIONS[operation], rng, conversation, disk)
                found = _met(engine, does, first)
                Database.transaction = real  # type: ignore[method-assign]
                filler.unlink()
                found += _goes_on(engine, does, first)
            finally:
                Database.transaction = real  # type: ignore[method-assign]
                engine.close()
        failures += [f"{OPERATIONS[operation]}, about {left} bytes free: {f}" for f in found]
    return failures


def _operation(engine: Assistant, name: str, rng: random.Random, conversation: str, disk: Path) -> Callable[[], bool]:
    """What is tried; it says whether what it says to have saved is there."""
    text = text_of(rng, 400)

    def adding() -> bool:
        before = engine.library.store.count()
        report = add(engine, "second.txt", text)
        if report.status == "failed":
            raise report.error or ErtError("unexpected")
        return report.status == "duplicate" or engine.library.store.count() == before + 1

    def chatting() -> bool:
        said = len(engine.conversations.messages(conversation))
        question = text[:3000]
        for _ in engine.ask(question, conversation_id=conversation):
            pass
        return len(engine.conversations.messages(conversation)) == said + 2

    def backing_up() -> bool:
        place = disk / "made.backup"
        place.unlink(missing_ok=True)
        back_up(engine.settings.home, place)
        return place.stat().st_size > 0

    return {"add": adding, "chat": chatting, "back up": backing_up}[name]


def _met(engine: Assistant, does: Callable[[], bool], first: str) -> list[str]:
    found = []
    try:
        if not does():
            found.append("said to be saved, and is not there")
    except ErtError as error:
        if error.code == "unexpected" or not error.message or not error.remedy:
            found.append(f"no sentence for people: {error.code}")
    except Exception as error:
        found.append(f"{type(error).__name__}: {error}")
    return found + _old_data(engine, first)


def _goes_on(engine: Assistant, does: Callable[[], bool], first: str) -> list[str]:
    try:
        found = [] if does() else ["with space again: said to be saved, and is not there"]
    except Exception as error:
        found = [f"with space again: {type(error).__name__}: {error}"]
    return found + _old_data(engine, first)


def _old_data(engine: Assistant, first: str) -> list[str]:
    try:
        texts = [engine.library.store.text(d.id) for d in engine.library.store.documents()]
        integrity = engine.database.value("PRAGMA integrity_check")
    except ErtError as error:
        return [f"what was there cannot be read: {error}"]
    return ([] if first in texts else ["what was there is gone"]) + ([] if integrity == "ok" else [str(integrity)])


def _swallowing() -> Any:
    """A transaction that keeps its errors to itself: the broken step."""

    @contextmanager
    def transaction(self: Database) -> Iterator[Any]:
        cursor = self._connection.cursor()
        with contextlib.suppress(sqlite3.Error):
            cursor.execute("BEGIN IMMEDIATE")
        try:
            yield _Deaf(cursor)
        finally:
            with contextlib.suppress(sqlite3.Error):
                cursor.execute("COMMIT")

    return transaction


class _Deaf:
    """A cursor that goes on whatever happens."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self.lastrowid = 1

    def execute(self, *arguments: Any) -> Any:
        with contextlib.suppress(sqlite3.Error):
            return self._cursor.execute(*arguments)
        return sqlite3.connect(":memory:").execute("SELECT 0 WHERE 0")

    def executemany(self, *arguments: Any) -> Any:
        with contextlib.suppress(sqlite3.Error):
            return self._cursor.executemany(*arguments)
        return None


# The broken step: the command line without what tells errors in a sentence.
_LETTING_THROUGH = (
    "import sys; from ert_core.cli import build_parser;"
    "options = build_parser('en').parse_args(sys.argv[1:]); options.run(options, 'en')"
)


def forbidden_paths(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Commands on directories and files that cannot be used: one line, within seconds."""
    document = folder / "a.txt"
    document.write_text(text_of(rng))
    a_file = folder / "a-file"
    a_file.write_text("x")
    taken = folder / "taken"
    (taken / "ert.sqlite3").mkdir(parents=True)
    good = folder / "good"
    subprocess.run(_ert("search", "x", "--home", str(good)), cwd=REPOSITORY, capture_output=True, check=False)
    failures: list[str] = []
    with small_disk(folder / "read-only", f"size={SIZE_KB}k") as fixed:
        shutil.copytree(good, fixed / "home")
        subprocess.run(["mount", "-o", "remount,ro", str(fixed)], check=True, capture_output=True)
        commands = [
            _ert("ingest", str(document), "--home", str(a_file)),
            _ert("ingest", str(document), "--home", str(a_file / "below")),
            _ert("ingest", str(document), "--home", str(taken)),
            _ert("ingest", str(document), "--home", str(fixed / "home")),
            _ert("ingest", str(document), "--home", str(fixed / "new")),
            _ert("ingest", str(document), "--home", "/proc/ert"),
            _ert("ingest", str(document), "--home", str(folder / ("n" * 300))),
            _ert("backup", str(fixed / "made.backup"), "--home", str(good)),
            _ert("backup", str(folder / "nowhere" / "made.backup"), "--home", str(good)),
            _ert("restore", str(folder / "no.backup"), "--home", str(good)),
        ]
        for number, command in zip(range(count), commands * count, strict=False):
            if broken:
                command = [sys.executable, "-c", _LETTING_THROUGH, *command[3:]]
            began = time.monotonic()
            ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
            seconds = time.monotonic() - began
            lines = [line for line in ended.stderr.splitlines() if line.strip()]
            told = " ".join(command[3:])
            if ended.returncode != 1 or "Traceback" in ended.stderr or not lines or len(lines) > 1:
                failures.append(f"try {number}, {told}: exit code {ended.returncode}, {ended.stderr[-200:]!r}")
            elif seconds > SENTENCE_SECONDS:
                failures.append(f"try {number}, {told}: after {seconds:.1f} s")
    return failures


def _ert(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ert_core", *arguments]


def _no_mount() -> str:
    return "" if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("mount") else "mounting needs root"


TRIALS = [
    Trial(
        "disk-full",
        f"disk full, {FILL_LEVELS} levels × {', '.join(OPERATIONS)}",
        FILL_LEVELS * len(OPERATIONS),
        "one sentence, old data intact, goes on once there is space, without a restart",
        full_disk,
        "errors of saving are swallowed",
        6,
        missing=_no_mount,
    ),
    Trial(
        "forbidden-paths",
        "read-only and forbidden paths",
        10,
        f"a sentence within {SENTENCE_SECONDS:.0f} s",
        forbidden_paths,
        "the exception is let through",
        2,
        short=3,
        missing=_no_mount,
    ),
]
