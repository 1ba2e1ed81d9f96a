"""Twenty people at once, each with words of their own that must reach nobody else."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ert_core.conversations import Conversations
from ert_core.types import AnswerEvent
from trials.stub import add, stub_engine, text_of
from trials.trial import Trial

SESSIONS = 20
_KINDS = ("question", "document")


class _EchoModel:
    """In place of a language model: writes back all that it was given, as the worst one would."""

    loaded, device, context_length = True, "cpu", 100_000

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self._lock = threading.Lock()

    def count_tokens(self, messages: Any) -> int:
        """A token a character of four."""
        return len(json.dumps(messages)) // 4

    def generate(self, messages: Any, options: Any, cancelled: Any) -> Iterator[Any]:
        """One step: the whole prompt."""
        from ert_core.language_model import GenerationStep

        prompt = json.dumps(messages, ensure_ascii=False)
        with self._lock:
            self.prompts.append(prompt)
        yield GenerationStep(prompt, "stop", len(prompt), 1, 1.0)

    def read_ahead(self, messages: Any, stop: Any) -> None:
        """There is nothing to read."""

    def unload(self) -> None:
        """There is nothing to free."""

    retire = unload


def _canary(kind: str, session: int, turn: int) -> str:
    return f"canary{kind}{session}x{turn}z"


def crossing(count: int, rng: random.Random, folder: Path, broken: bool) -> list[str]:
    """`count` turns, spread over the sessions, side by side in one engine."""
    engine = stub_engine(folder / "home")
    for number in range(10):
        add(engine, f"{number}.txt", text_of(rng))
    deleted = [text_of(rng, 3) + f" {_canary('document', 0, n)}." for n in range(5)]
    for text in deleted:  # what was deleted must not come back either
        engine.library.remove(str(add(engine, "deleted.txt", text).document_id))
    model = _EchoModel()
    engine.answering._model = model  # type: ignore[assignment]
    engine.answering.apply = lambda settings: setattr(engine.answering, "_settings", settings)  # type: ignore[method-assign]
    engine.answering.apply(engine.settings)
    own: dict[int, str] = {n: engine.conversations.start(f"session {n}") for n in range(SESSIONS)}
    real = Conversations.messages
    if broken:  # a conversation is given the turns of another one
        ids = list(own.values())
        Conversations.messages = lambda self, i: real(self, ids[(ids.index(i) + 1) % len(ids)])  # type: ignore[method-assign]
    failures: list[str] = []
    turns = max(1, count // SESSIONS)
    try:
        threads = [
            threading.Thread(target=_session, args=(engine, s, own[s], turns, rng.random(), failures))
            for s in range(min(SESSIONS, count))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        Conversations.messages = real  # type: ignore[method-assign]
    for prompt in model.prompts:
        owners = {s for s in range(SESSIONS) if any(_canary("question", s, t) in prompt for t in range(turns))}
        if len(owners) > 1:
            failures.append(f"a prompt holds the words of sessions {sorted(owners)}")
        if "canarydocument" in prompt:
            failures.append("a prompt holds a deleted document")
    engine.close()
    return failures


def _session(engine: Any, session: int, conversation: str, turns: int, seed: float, failures: list[str]) -> None:
    rng = random.Random(seed)
    for turn in range(turns):
        question = f"{' '.join(text_of(rng, 1).split()[:6])} {_canary('question', session, turn)}"
        mode = rng.choice(("quotes", "written"))
        events: list[AnswerEvent] = []
        try:
            events = list(engine.ask(question, mode=mode, conversation_id=conversation, anyway=True))
        except Exception as error:
            failures.append(f"session {session}: {type(error).__name__}: {error}")
        shown = " ".join(
            [e.delta + (e.text or "") for e in events] + [e.answer.text for e in events if e.answer is not None]
        )
        shown += " ".join(m.text for m in Conversations(engine.database).messages(conversation))
        for other in range(SESSIONS):
            for kind in _KINDS:
                mine = kind == "question" and other == session
                if not mine and any(_canary(kind, other, t) in shown for t in range(max(turns, 5))):
                    failures.append(f"session {session} was shown the {kind} of session {other}")


TRIALS = [
    Trial(
        "canaries",
        f"{SESSIONS} sessions at once, quotes and a model that writes back its whole prompt, turns",
        400,
        "no word of another session or of a deleted document crosses",
        crossing,
        "a conversation is given another one's turns",
        40,
    )
]
