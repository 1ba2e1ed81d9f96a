"""What a process does until it is killed."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ert_core import backup, database_copies, document_store, durable_files
from ert_core.assistant import Assistant
from ert_core.backup import back_up
from ert_core.database import Database
from ert_core.types import Message
from trials.crash_look import Known
from trials.stub import add, stub_engine, text_of

STEPS = ("begun", "inserted", "saved", "committed", "deleted", "temporary written", "fsynced", "renamed")
# The steps of a file that is written beside its place: met by a backup, not by an addition.
FILE_STEPS = STEPS[5:]


def work(home: Path, seed: str, known: Known, say: Callable[..., None], *, parse: bool, broken: bool) -> None:
    """Add, delete and ask until killed, telling what begins and what is acknowledged."""
    if broken:
        Database.transaction = _acknowledging_first  # type: ignore[method-assign]
    rng = random.Random(seed)
    engine = stub_engine(home, parse=parse)
    conversation = engine.conversations.start("trial")
    say("ready")
    while True:
        chance = rng.random()
        if chance < 0.6 or not known.texts:
            _add(engine, rng, known, say)
        elif chance < 0.75:
            one = rng.choice(sorted(known.texts))
            say("begin", "delete", one)
            engine.library.remove(one)
            known.take("deleted", one)
            say("deleted", one)
        else:
            _ask(engine, rng, known, conversation, say)


def work_with_the_model(home: Path, seed: str, known: Known, say: Callable[..., None], *, broken: bool) -> None:
    """Add documents with the real embedding model and the real parsers until killed."""
    from ert_core import cpu_budget
    from ert_core.settings import Settings

    if broken:
        Database.transaction = _acknowledging_first  # type: ignore[method-assign]
    rng = random.Random(seed)
    overrides = {"cpu_budget": 100}
    engine = Assistant(Settings.load(home=home, overrides=overrides), overrides=overrides)
    cpu_budget.apply(100)
    _add(engine, rng, known, say)
    say("ready")  # the model is loaded by now
    while True:
        _add(engine, rng, known, say)


def work_until(home: Path, seed: str, step: str, known: Known, say: Callable[..., None], *, broken: bool) -> None:
    """A few operations, then the one whose `step` ends the process."""
    rng = random.Random(seed)
    engine = stub_engine(home)
    say("ready")
    for _ in range(rng.randint(1, 3)):
        _add(engine, rng, known, say)
    if broken:  # said before it is saved, and a backup that is written at its place
        say("begin", "back up")
        (home / "made.backup").write_bytes(b"SQLite format 3\0 cut short")
        Database.transaction = _acknowledging_first  # type: ignore[method-assign]
        _add(engine, rng, known, say)
        say("reached")
        os.kill(os.getpid(), signal.SIGKILL)
    with _dying_at(step, say):
        if step in FILE_STEPS:
            say("begin", "back up")
            back_up(home, home / "made.backup")
        elif step == "deleted":
            one = rng.choice(sorted(known.texts))
            say("begin", "delete", one)
            engine.library.remove(one)
            say("deleted", one)
        else:
            _add(engine, rng, known, say)


def _add(engine: Assistant, rng: random.Random, known: Known, say: Callable[..., None]) -> None:
    text = text_of(rng)
    say("begin", "add", text)
    report = add(engine, f"{rng.randrange(10**6)}.txt", text)
    assert report.status == "added", report
    known.take("added", report.document_id, text)
    say("added", report.document_id, text)


def _ask(engine: Assistant, rng: random.Random, known: Known, conversation: str, say: Callable[..., None]) -> None:
    words = rng.choice(sorted(known.texts.values())).split()
    question = " ".join(words[:6])
    say("begin", "say", conversation)
    question_id = engine.conversations.add(conversation, Message("user", question))
    say("said", conversation, question)
    say("begin", "say", conversation)
    for event in engine.ask(question, conversation_id=conversation, question_id=question_id):
        if event.answer is not None:
            say("said", conversation, event.answer.text)


@contextmanager
def _acknowledging_first(self: Database) -> Iterator[Any]:
    """A transaction that is saved only when the next one begins: the broken step."""
    with self._lock, self._errors():
        cursor = self._connection.cursor()
        if self._connection.in_transaction:
            cursor.execute("COMMIT")
        cursor.execute("BEGIN IMMEDIATE")
        yield cursor


@contextmanager
def _dying_at(step: str, say: Callable[..., None]) -> Iterator[None]:
    """Within, this process kills itself where `step` is reached, and says so before."""

    def die(*_: Any, **__: Any) -> None:
        say("reached")
        os.kill(os.getpid(), signal.SIGKILL)

    if step in ("begun", "saved", "committed"):
        Database.transaction = _transaction_dying_at(step, die)  # type: ignore[method-assign]
    elif step == "inserted":
        document_store.insert_passages = die
    elif step == "deleted":
        document_store.count_change = die
    else:
        real_sync = durable_files.sync

        def put_in_place(part: Path, path: Path) -> None:
            if step == "temporary written":
                die()
            real_sync(part)
            if step == "fsynced":
                die()
            part.replace(path)
            die()

        for module in (durable_files, backup, database_copies):
            module.put_in_place = put_in_place  # type: ignore[attr-defined]
    yield


def _transaction_dying_at(step: str, die: Callable[[], None]) -> Callable[[Database], Any]:
    @contextmanager
    def transaction(self: Database) -> Iterator[Any]:
        self.write()
        with self._lock, self._errors():
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            if step == "begun":
                die()
            yield cursor
            if step == "saved":
                die()
            cursor.execute("COMMIT")
            die()

    return transaction
