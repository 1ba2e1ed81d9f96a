"""What a library has said it holds, and what another process finds in it when the first one was killed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ert_core.assistant import Assistant
from ert_core.backup import restore
from trials.stub import add, document_id, stub_engine

READY_SECONDS = 10.0


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
