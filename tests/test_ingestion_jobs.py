"""Files in the background: those that a question waits for come first, after the answers at hand."""

from __future__ import annotations

import threading
from typing import Any

from ert_core.assistant import Assistant
from ert_core.types import Source
from tests.asked import QUESTION, answer_of


def long_file(name: str) -> Source:
    """Large enough that it is embedded in many steps."""
    return Source(name, "\n\n".join(f"{name}: layer {n} of the core is clay, {n} m deep." for n in range(800)).encode())


def test_files_of_a_question_come_before_those_that_are_being_added(filled: Assistant) -> None:
    ingestion = filled.start_ingest([long_file("a.txt"), long_file("b.txt")])
    ingestion.events(1, timeout=60)
    conversation = filled.conversations.start(QUESTION)
    question = filled.start_answer(QUESTION, conversation, sources=[Source("c.txt", b"The tank holds 31 litres.")])
    assert answer_of(list(question.follow())).citations
    assert not ingestion.done, "it gave way"
    ingestion.cancel()
    list(ingestion.follow())


def test_files_of_a_question_give_way_to_another_answer(filled: Assistant) -> None:
    release = threading.Event()

    def answering(cancelled: threading.Event) -> Any:
        release.wait(60)
        yield from ()

    filled.answers.submit(answering)
    conversation = filled.conversations.start(QUESTION)
    question = filled.start_answer(QUESTION, conversation, sources=[long_file("d.txt")])
    files = question.waits_for
    assert files is not None and files.events(0, timeout=60)
    seen = len(files.events(1, timeout=1.0))
    assert seen == 0 and not files.done, "after its first step it waits"
    release.set()
    assert answer_of(list(question.follow())) and files.done
    assert "d.txt" in [d.name for d in filled.library.store.documents()]
