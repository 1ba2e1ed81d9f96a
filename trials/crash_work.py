"""What a process does until it is killed, and what is looked at afterwards by another one."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ert_core import backup, database_copies, document_store, durable_files
from ert_core.assistant import Assistant
from ert_core.backup import back_up, restore
from ert_core.database import Database
from ert_core.types import Message
from trials.stub import add, document_id, stub_engine, text_of

READY_SECONDS = 10.0
STEPS = ("begun", "inserted", "saved", "committed", "deleted", "temporary written", "fsynced", "renamed")
# The steps of a file that is written beside its place: met by a backup, not by an addition.
FILE_STEPS = STEPS[5:]


@dataclass
class Known:
    """What a library has said it holds, by what was acknowledged; and the one thing that was under way."""

    texts: dict[str, str] = field(default_factory=dict)  # document id -> text
    deleted: set[str] = field(default_factory=set)
    messages: dict[str, list[str]] = field(default_factory=dict)  # conversation -> texts
    under_way: tuple[Any, ...] | None = None
    reached: bool = False  # the step that ends the process

    def take(self, kind: str, *what: Any) -> None:
        """Note what the process said: "begin" an operation, or what it acknowledged."""
        if kind == "reached":
            self.reached = True
            return
        if kind == "begin":
            self.under_way = what
        elif kind == "added":
            self.texts[what[0]] = what[1]
            self.deleted.discard(what[0])
        elif kind == "deleted":
            self.texts.pop(what[0], None)
            self.deleted.add(what[0])
        elif kind == "said":
            self.messages.setdefault(what[0], []).append(what[1])
        if kind != "begin":
            self.under_way = None

    def settle(self, engine: Assistant) -> None:
        """Take what was under way as the library has it now: both outcomes are right."""
        if self.under_way is None:
            return
        kind, *what = self.under_way
        if kind == "add" and engine.library.store.has(document_id(what[0])):
            self.take("added", document_id(what[0]), what[0])
        elif kind == "delete" and not engine.library.store.has(what[0]):
            self.take("deleted", what[0])
        elif kind == "say":
            for text in [m.text for m in engine.conversations.messages(what[0])][len(self.messages.get(what[0], [])) :]:
                self.take("said", what[0], text)
        self.under_way = None


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


def look(home: Path, known: Known) -> list[str]:
    """Open the library in this process, which has never seen it, and compare; then add again what is there."""
    began = time.monotonic()
    engine = stub_engine(home)
    found: list[str] = []
    snapshot = engine.library.index.snapshot()
    if time.monotonic() - began > READY_SECONDS:
        found.append(f"ready after {time.monotonic() - began:.1f} s")
    if (integrity := engine.database.value("PRAGMA integrity_check")) != "ok":
        found.append(f"integrity_check: {integrity}")
    known.settle(engine)
    store = engine.library.store
    present = {d.id for d in store.documents()}
    found += [f"document {i[:8]} was acknowledged and is lost" for i in known.texts.keys() - present]
    found += [f"document {i[:8]} was deleted and is back" for i in known.deleted & present]
    found += [f"document {i[:8]} was never added" for i in present - known.texts.keys()]
    for one in present & known.texts.keys():
        text, content = store.text(one), store.content(one)
        passages = list(store.passages(store.passage_ids_of(one)).values())
        if content is None or content.decode() != known.texts[one] or text != known.texts[one]:
            found.append(f"document {one[:8]} has another text")
        if not passages or any(p.text != known.texts[one][p.start : p.end] for p in passages):
            found.append(f"document {one[:8]} is half there")
    if sorted(snapshot.ids.tolist()) != store.passage_ids():
        found.append("the index does not hold the passages of the database")
    for conversation, texts in known.messages.items():
        if (kept := [m.text for m in engine.conversations.messages(conversation)]) != texts:
            found.append(f"conversation {conversation[:8]} has {len(kept)} of {len(texts)} turns")
    for one in sorted(present & known.texts.keys())[:3]:
        if (status := add(engine, "again.txt", known.texts[one]).status) != "duplicate":
            found.append(f"adding {one[:8]} again was {status}")
    if (home / "made.backup").exists():
        found += _backup_is_whole(home, len(present))
    engine.close()
    return found


def _backup_is_whole(home: Path, documents: int) -> list[str]:
    elsewhere = home / "restored"
    try:
        restored, _ = restore(elsewhere, home / "made.backup")
    except Exception as error:  # whatever it is, it is what the trial looks for
        return [f"the backup cannot be restored: {error}"]
    return [] if restored == documents else [f"the backup has {restored} of {documents} documents"]


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
    engine.conversations.add(conversation, Message("user", question))
    say("said", conversation, question)
    say("begin", "say", conversation)
    for event in engine.ask(question, conversation_id=conversation, question_saved=True):
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
        document_store._insert_passages = die
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
