"""Disks that change what was saved: in what the indexes are made of, anywhere in the database, in a crash's journal."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from ert_core import row_checks
from ert_core.assistant import Assistant
from ert_core.database import DATABASE_FILE
from ert_core.errors import DatabaseError, ErtError
from ert_core.types import Message
from trials.stub import DIMENSION, add, stub_engine, text_of
from trials.trial import Trial

DOCUMENTS = 12
QUESTIONS = 5


class _Library:
    """A library on the disk, and what a person sees of it."""

    def __init__(self, home: Path, rng: random.Random) -> None:
        self.home = home
        engine = stub_engine(home)
        texts = [text_of(rng, 30) for _ in range(DOCUMENTS)]
        for number, text in enumerate(texts):
            add(engine, f"document {number}.txt", text)
        self.conversation = engine.conversations.start(" ".join(texts[0].split()[:8]))
        for text in texts[:4]:
            engine.conversations.add(self.conversation, Message("user", text[:200]))
        self.questions = [" ".join(rng.choice(texts).split()[:6]) for _ in range(QUESTIONS)]
        self.seen = self.look(engine)
        engine.close()

    def look(self, engine: Assistant) -> list[Any]:
        """Names, texts, files, turns and the ten best passages of some questions."""
        store = engine.library.store
        ids = {d.id: d.name for d in store.documents()}
        documents = [(i, name, store.text(i), store.content(i), store.pages(i)) for i, name in ids.items()]
        turns = [m.text for m in engine.conversations.messages(self.conversation)]
        found = [[(p.document_name, p.passage.text) for p in engine.search(q, 10).passages] for q in self.questions]
        return [documents, turns, found]

    def outcome(self, home: Path) -> str:
        """What opening a damaged copy shows: "as before", "told", or what is wrong."""
        try:
            engine = stub_engine(home)
        except ErtError as error:
            return _told(error)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        try:
            return "as before" if self.look(engine) == self.seen else "silently wrong"
        except ErtError as error:
            return _told(error)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            engine.close()


def _told(error: ErtError) -> str:
    damaged = isinstance(error, DatabaseError) and "restore" in error.remedy.lower()
    return "told" if damaged else f"no word of a backup: {error.code}"


def _without_checks(broken: bool) -> Callable[[], None]:
    """With `broken`, rows are taken as they are; gives what brings the checks back."""
    real = row_checks.without_check
    from ert_core import database

    if broken:
        database.without_check = lambda rows: [row[:-1] for row in rows]
    return lambda: setattr(database, "without_check", real)


# What the indexes are made of, damaged in six ways; {place} is a row of vectors.
_INDEX_DAMAGE = {
    "cut": "UPDATE vectors SET vector = substr(vector, 1, length(vector) / 2) WHERE rowid = {place}",
    "flipped": "UPDATE vectors SET vector = ?, sentences = ? WHERE rowid = {place}",
    "no text": "UPDATE passages SET words = CAST(x'41ff42' AS TEXT), text = CAST(x'c3' AS TEXT) WHERE id ="
    " (SELECT passage_id FROM vectors WHERE rowid = {place})",
    "empty": "UPDATE vectors SET vector = x'', sentences = x'' WHERE rowid = {place}",
    "wrong dimension": f"UPDATE vectors SET vector = zeroblob({4 * (DIMENSION + 3)}) WHERE rowid = {{place}}",
    "absurd count": "UPDATE passages SET words = '999999999 7 x' || words WHERE id ="
    " (SELECT passage_id FROM vectors WHERE rowid = {place})",
}


def damaged_index(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Damage to what the indexes are built from: built again, with the same results."""
    library = _Library(folder / "home", rng)
    failures = []
    checks_again = _without_checks(broken)
    try:
        for number in range(count):
            kind = list(_INDEX_DAMAGE)[number % len(_INDEX_DAMAGE)]
            home = shutil.copytree(library.home, folder / str(number))
            with closing(sqlite3.connect(home / DATABASE_FILE)) as connection, connection:
                (rows,) = connection.execute("SELECT max(rowid) FROM vectors").fetchone()
                for place in rng.sample(range(1, rows + 1), rng.randint(1, 5)):
                    select = "SELECT vector, sentences FROM vectors WHERE rowid = ?"
                    blobs = connection.execute(select, (place,)).fetchone()
                    values = [_flipped(b, rng, 1) for b in blobs] if kind == "flipped" else []
                    connection.execute(_INDEX_DAMAGE[kind].format(place=place), values)
            if (outcome := library.outcome(home)) != "as before":
                failures.append(f"try {number}, {kind}: {outcome}")
    finally:
        checks_again()
    return failures


def damaged_database(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """Bits flipped anywhere in the file; in one of three, a crash's journal cut or flipped."""
    library = _Library(folder / "home", rng)
    failures = []
    checks_again = _without_checks(broken)
    try:
        for number in range(count):
            home = shutil.copytree(library.home, folder / str(number))
            if number % 3 == 2 and not broken:
                what = _crash_with_a_bad_journal(home, rng)
            else:
                what = "bits flipped"
                content = (home / DATABASE_FILE).read_bytes()
                (home / DATABASE_FILE).write_bytes(_flipped(content, rng, rng.choice((1, 8, 64))))
            if (outcome := library.outcome(home)) not in ("as before", "told"):
                failures.append(f"try {number}, {what}: {outcome}")
    finally:
        checks_again()
    return failures


def _crash_with_a_bad_journal(home: Path, rng: random.Random) -> str:
    """Leave the files as a crash in the middle of a transaction does, and damage the journal."""
    file, journal = home / DATABASE_FILE, home / f"{DATABASE_FILE}-journal"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size=2")  # pages reach the file before the transaction ends
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE messages SET text = text || ' changed'")
        connection.execute("UPDATE documents SET name = name || ' changed', text = text || ' changed'")
        images = file.read_bytes(), journal.read_bytes()
        connection.execute("ROLLBACK")
    file.write_bytes(images[0])
    if rng.random() < 0.5:
        journal.write_bytes(images[1][: rng.randrange(len(images[1]))])
        return "journal cut"
    journal.write_bytes(_flipped(images[1], rng, 8))
    return "journal flipped"


def _flipped(content: bytes, rng: random.Random, bits: int) -> bytes:
    changed = bytearray(content)
    for _ in range(bits if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


TRIALS = [
    Trial(
        "index-damaged",
        f"what the indexes are made of: {', '.join(_INDEX_DAMAGE)}",
        125,
        "never a crash, made again, same results",
        damaged_index,
        "rows are not compared with their checksums",
        5,
    ),
    Trial(
        "database-damaged",
        "bits of the database flipped, a crash's journal cut or flipped",
        60,
        "told, with a word of the backup, or harmless",
        damaged_database,
        "rows are not compared with their checksums",
        40,
    ),
]
