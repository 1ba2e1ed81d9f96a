"""Answers in the background: an error waits for somebody to see it, and a queued answer ends at once when stopped."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ert_core.assistant import Assistant
from ert_core.errors import ErtError
from ert_core.jobs import Job

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
