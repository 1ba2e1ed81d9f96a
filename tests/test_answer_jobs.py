"""Answers in the background: an error waits for somebody to see it, and a queued answer ends at once when stopped."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ert_core.assistant import Assistant
from ert_core.errors import DatabaseError, ErtError, QueueFullError
from ert_core.jobs import Job
from ert_core.types import Source

QUESTION = "Quelle est la profondeur du forage F2 ?"


def ended(job: Job[Any]) -> Job[Any]:
    while not job.done:
        job.events(0, timeout=0.1)
    return job


def test_an_error_is_given_until_it_was_seen_and_an_answer_is_not(
    filled: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = filled.conversations.start(QUESTION)
    ended(filled.start_answer(QUESTION, conversation))
    assert filled.running_answer(conversation) is None, "it has been given"

    def fail(*_: Any, **__: Any) -> Any:
        raise ErtError("unexpected")

    monkeypatch.setattr(filled.asking, "ask", fail)
    failed = ended(filled.start_answer(QUESTION, conversation))
    assert failed.error is not None
    assert filled.running_answer(conversation) is failed
    assert filled.running_answer(conversation) is failed, "a run that was stopped has shown nothing"
    failed.error_seen = True
    assert filled.running_answer(conversation) is None


def test_a_queued_answer_ends_at_once_and_nobody_waits_for_it(filled: Assistant) -> None:
    conversation, other = (filled.conversations.start(QUESTION) for _ in range(2))
    going_on = threading.Event()

    def work(cancelled: threading.Event) -> Any:
        going_on.wait(30)
        yield from ()

    filled.answers.submit(work)
    queued, last = (filled.start_answer(QUESTION, c) for c in (conversation, other))
    assert filled.answers.position(last) == 2
    filled.stop_answers(conversation)
    assert queued.done and filled.answers.position(last) == 1
    assert filled.running_answer(conversation) is None
    going_on.set()
    ended(last)
    assert last.last.answer is not None and not last.cancelled.is_set()


@pytest.fixture
def let_go(filled: Assistant, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Files are added only once this is set."""
    let_go, add = threading.Event(), filled.library.add

    def slow(sources: Any, cancelled: threading.Event, **more: Any) -> Any:
        while not let_go.wait(0.01) and not cancelled.is_set():
            pass
        yield from add(sources, cancelled, **more)

    monkeypatch.setattr(filled.library, "add", slow)
    return let_go


FILE = Source("mud.txt", b"The mud tank of borehole F9 holds 31 litres.")


def test_another_conversation_does_not_wait_for_the_files_of_a_question_and_its_own_does(
    filled: Assistant, let_go: threading.Event
) -> None:
    mud = "How much does the mud tank hold?"
    conversation, other = filled.conversations.start(mud), filled.conversations.start(QUESTION)
    first = filled.start_answer(mud, conversation, sources=[FILE])
    second = filled.start_answer("And in gallons?", conversation)
    ended(filled.start_answer(QUESTION, other))
    assert filled.conversations.messages(other)[-1].answer is not None
    assert not first.done and not second.done and filled.given_files.busy and not filled.answers.busy
    assert filled.running_answer(conversation) is first
    let_go.set()
    assert ended(first).last.answer.citations[0].document == "mud.txt"
    ended(second)
    assert [m.role for m in filled.conversations.messages(conversation)] == ["user", "assistant"] * 2


def test_a_question_that_is_stopped_stops_its_files(filled: Assistant, let_go: threading.Event) -> None:
    conversation = filled.conversations.start(QUESTION)
    job = filled.start_answer(QUESTION, conversation, sources=[FILE])
    filled.stop_answers(conversation)
    assert job.done and filled.given_files.join(30) and job.error is None
    assert [m.role for m in filled.conversations.messages(conversation)] == ["user"]
    assert "mud.txt" not in [d.name for d in filled.library.store.documents()]


def test_files_that_cannot_be_saved_end_the_answer_with_their_error(
    filled: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise DatabaseError("home_unusable", path="/", reason="full")
        yield

    monkeypatch.setattr(filled.library, "add", fail)
    conversation = filled.conversations.start(QUESTION)
    job = ended(filled.start_answer(QUESTION, conversation, sources=[FILE]))
    assert isinstance(job.error, DatabaseError) and filled.running_answer(conversation) is job


def test_a_full_queue_takes_neither_the_question_nor_its_files(
    filled: Assistant, let_go: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = filled.conversations.start(QUESTION)
    monkeypatch.setattr(filled.answers, "_max_waiting", 0)
    with pytest.raises(QueueFullError):
        filled.start_answer(QUESTION, conversation, sources=[FILE])
    assert filled.given_files.join(30) and filled.conversations.messages(conversation) == []
    assert "mud.txt" not in [d.name for d in filled.library.store.documents()]
