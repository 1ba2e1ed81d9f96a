"""Hours of random users on one engine with the real model, and a fault every five minutes."""

from __future__ import annotations

import gc
import random
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import psutil

from ert_core import cpu_budget
from ert_core.assistant import Assistant
from ert_core.database import DATABASE_FILE
from ert_core.errors import ErtError
from ert_core.model_loading import return_freed_memory
from ert_core.settings import Settings
from ert_core.types import Source
from trials.stub import text_of
from trials.trial import Trial

USERS = 3
DOCUMENTS = 60
FAULT_SECONDS = 300.0
# A fault may be felt for so long.
FELT_SECONDS = 20.0
HANG_SECONDS = 60.0
GROWTH = 0.10
SLOWER = 1.25  # medians of searches: other programs of the machine are felt, too


class _Soak:
    """The users, the faults and what was measured."""

    def __init__(self, seconds: float, rng: random.Random, home: Path, broken: bool) -> None:
        overrides = {"cpu_budget": 50}
        self.engine = Assistant(Settings.load(home=home, overrides=overrides), overrides=overrides)
        self._rng, self._home, self._broken = rng, home, broken
        self._began = time.monotonic()
        self._end = self._began + seconds
        self._fault_every = min(FAULT_SECONDS, seconds / 3)
        self._felt_until = 0.0
        self._kept: list[bytearray] = []  # the broken step: what is never given back
        self.failures: list[str] = []
        self.searches: list[tuple[float, float]] = []  # when, how long
        self.memory: list[tuple[float, float]] = []  # when, MB

    def run(self) -> list[str]:
        for number in range(DOCUMENTS):
            self._add(self._rng, f"{number}.txt")
        works = [partial(self._user, random.Random(self._rng.random())) for _ in range(USERS)]
        threads = [threading.Thread(target=work, daemon=True) for work in (*works, self._faults, self._look)]
        self._began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, self._end - time.monotonic()) + HANG_SECONDS)
        if any(thread.is_alive() for thread in threads):
            self.failures.append(f"something has been at work for {HANG_SECONDS:.0f} s")
        return self.failures + self._judged()

    def _judged(self) -> list[str]:
        found = []
        quarter = (self._end - self._began) / 4
        first = [s for at, s in self.searches if at < self._began + quarter]
        last = [s for at, s in self.searches if at > self._end - quarter]
        if not first or not last:
            return ["no searches in a quarter"]
        slower = statistics.median(last) / statistics.median(first)
        if slower > SLOWER:
            found.append(f"searches take {slower:.2f} times as long in the last quarter")
        early = statistics.median(m for at, m in self.memory if at < self._began + quarter)
        late = statistics.median(m for at, m in self.memory if at > self._end - quarter)
        if late > early * (1 + GROWTH):
            found.append(f"memory from {early:.0f} to {late:.0f} MB")
        if self.engine.database.value("PRAGMA integrity_check") != "ok" or self.engine.database.damaged_table():
            found.append("the database is not whole")
        return found

    def _user(self, rng: random.Random) -> None:
        conversation = self.engine.conversations.start("soak")
        while time.monotonic() < self._end:
            began = time.monotonic()
            try:
                chance = rng.random()
                if chance < 0.6:
                    self.engine.search(text_of(rng, 1))
                    self.searches.append((began, time.monotonic() - began))
                elif chance < 0.8:
                    for _ in self.engine.ask(text_of(rng, 1), conversation_id=conversation, anyway=True):
                        pass
                    if rng.random() < 0.2:
                        conversation = self.engine.conversations.start("soak")
                elif chance < 0.9:
                    self._add(rng, "more.txt")
                elif self.engine.library.store.count() > DOCUMENTS:
                    self.engine.library.remove(self.engine.library.store.documents()[-1].id)
            except ErtError as error:
                if time.monotonic() > self._felt_until:
                    self.failures.append(f"{error.code}, with no fault at work")
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            if (seconds := time.monotonic() - began) > HANG_SECONDS:
                self.failures.append(f"an operation took {seconds:.0f} s")
            if self._broken:
                self._kept.append(bytearray(2_000_000))
            time.sleep(rng.uniform(0.05, 0.5))

    def _add(self, rng: random.Random, name: str) -> None:
        for event in self.engine.ingest([Source(name, text_of(rng, 20).encode())]):
            if event.report is not None and event.report.error is not None:
                raise event.report.error

    def _faults(self) -> None:
        number = 0
        while (left := self._end - time.monotonic()) > 0:
            time.sleep(min(self._fault_every, left))
            if self._end - time.monotonic() < FELT_SECONDS:
                return  # what it breaks could not be mended any more
            fault: Callable[[], None] = (self._kill_parsers, self._fill, self._lock, self._damage)[number % 4]
            number += 1
            self._felt_until = time.monotonic() + FELT_SECONDS
            with suppress(ErtError, sqlite3.Error):
                fault()

    def _kill_parsers(self) -> None:
        until = time.monotonic() + 5.0
        while time.monotonic() < until:
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    child.kill()
            time.sleep(0.05)

    def _fill(self) -> None:
        """The database may not grow for a while: SQLite then says that the disk is full."""
        pages = self.engine.database.value("PRAGMA page_count")
        self.engine.database.value(f"PRAGMA max_page_count = {pages}")
        time.sleep(3.0)
        self.engine.database.value("PRAGMA max_page_count = 4294967294")

    def _lock(self) -> None:
        with closing(sqlite3.connect(self._home / DATABASE_FILE, isolation_level=None, timeout=5.0)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(3.0)
            other.execute("ROLLBACK")

    def _damage(self) -> None:
        with closing(sqlite3.connect(self._home / DATABASE_FILE, timeout=5.0)) as other, other:
            other.execute("UPDATE vectors SET vector = zeroblob(8) WHERE rowid = (SELECT max(rowid) FROM vectors)")

    def _look(self) -> None:
        """Resident memory, with what the allocator keeps given back."""
        while time.monotonic() < self._end:
            gc.collect()
            return_freed_memory()
            self.memory.append((time.monotonic(), psutil.Process().memory_info().rss / 1e6))
            time.sleep(2.0)


def soak(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """`count` seconds."""
    trial = _Soak(float(count), rng, folder / "home", broken)
    try:
        return trial.run()
    finally:
        trial.engine.close()
        cpu_budget.apply(100)


TRIALS = [
    Trial(
        "soak",
        f"{USERS} random users, a fault every {FAULT_SECONDS / 60:.0f} minutes, seconds",
        7200,
        f"no hang, memory within {GROWTH:.0%}, last quarter as fast as the first (within {SLOWER - 1:.0%})",
        soak,
        "2 MB kept at each operation",
        60,
        short=0,
    )
]
