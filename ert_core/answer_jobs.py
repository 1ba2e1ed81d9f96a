"""Answers made in the background: a page reruns at every click and finds its own again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ert_core.errors import QueueFullError
from ert_core.row_checks import sha256
from ert_core.types import AnswerEvent, Message, Scope, Source

if TYPE_CHECKING:
    from ert_core.asking import Asking
    from ert_core.conversations import Conversations
    from ert_core.database import Database
    from ert_core.jobs import Job
    from ert_core.progress import IngestEvent
    from ert_core.worker import Worker


def is_answered(job: Job[AnswerEvent]) -> bool:
    """Whether the answer has been given; the model may still be reading ahead, for a next question."""
    return job.last is not None and job.last.answer is not None


class AnswerJobs:
    """The answers of one engine's conversations. Thread-safe."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        asking: Asking,
        worker: Worker[AnswerEvent],
        add_files: Callable[[Sequence[Source]], Job[IngestEvent]],
    ) -> None:
        """`add_files` adds those that come with a question, in the background. Raises QueueFullError."""
        self._database, self._conversations, self._asking, self._worker = database, conversations, asking, worker
        self._add_files = add_files
        self._lock = threading.Lock()
        self._jobs: dict[str, list[tuple[int, Job[AnswerEvent]]]] = {}

    def start_answer(
        self,
        question: str,
        conversation_id: str,
        *,
        language: str = "en",
        scope: Scope | None = None,
        sources: Sequence[Source] = (),
        after: int | None = None,
        anyway: bool = False,
    ) -> Job[AnswerEvent]:
        """Answer in the background; `running_answer` finds the job again. Raises QuestionError, QueueFullError.

        The question is saved at once, after the message `after`: None is the last one shown, 0 none. The files of
        `sources` are added first, and searched before all others; other conversations do not wait for them.
        """
        question = self._asking.checked(question) if sources else self._asking.answerable(question)
        self._database.write()  # else an answer that cannot be saved would be made
        if sources:
            given = tuple(sha256(s.content) for s in sources if s.content is not None)
            # With a scope chosen they join it; else all other documents are searched after them.
            chosen = Scope(only=False) if scope is None else scope
            scope = replace(chosen, documents=(*chosen.documents, *given))
        saved = self._conversations.add(conversation_id, Message("user", question, scope=scope, parent=after))
        try:
            return self._start_answer(question, saved, conversation_id, language, scope, anyway, sources)
        except QueueFullError:
            self._conversations.take_back(saved)
            raise

    def answer_again(
        self,
        question_id: int,
        conversation_id: str,
        *,
        language: str = "en",
        anyway: bool = False,
        widely: bool = False,
    ) -> Job[AnswerEvent] | None:
        """Answer a question of a conversation once more; the answers it had are kept beside the new one.

        `anyway`: although the evidence is too weak; `widely`: from all documents. None when the question is gone.
        Raises QuestionError, QueueFullError.
        """
        message = self._conversations.message(question_id)
        if message is None or message.role != "user":
            return None
        question = self._asking.answerable(message.text)
        self._database.write()
        scope = None if widely else message.scope
        self._conversations.show_alone(conversation_id, question_id)
        try:
            return self._start_answer(question, question_id, conversation_id, language, scope, anyway)
        except QueueFullError:
            self._conversations.settle(conversation_id, question_id)
            raise

    def _start_answer(
        self,
        question: str,
        question_id: int,
        conversation_id: str,
        language: str,
        scope: Scope | None,
        anyway: bool,
        sources: Sequence[Source] = (),
    ) -> Job[AnswerEvent]:
        with self._lock:  # what is asked there meanwhile, in a second tab, may lean on them
            earlier = [job for _, job in self._jobs.get(conversation_id, ()) if not is_answered(job)]
        ask = partial(
            self._asking.ask,
            question,
            language=language,
            conversation_id=conversation_id,
            scope=scope,
            anyway=anyway,
            fall_back=True,
            question_id=question_id,
            hurried=lambda: self._worker.waiting,
        )
        if sources:
            files = self._add_files(sources)
            try:
                job = self._worker.submit(
                    lambda cancelled: _after(files, ask, cancelled), after=(*earlier, files), viewers=files.viewers
                )
            except QueueFullError:
                files.cancel()
                raise
            job.when_done(files.cancel)
        else:
            job = self._worker.submit(lambda cancelled: ask(cancelled=cancelled), after=earlier)
        with self._lock:
            for jobs in self._jobs.values():  # given answers are in the database
                jobs[:] = [pair for pair in jobs if not is_answered(pair[1])]
            self._jobs = {conversation: jobs for conversation, jobs in self._jobs.items() if jobs}
            self._jobs.setdefault(conversation_id, []).append((question_id, job))
        return job

    def running_answer(self, conversation_id: str) -> Job[AnswerEvent] | None:
        """The first answer being made for a conversation, if any; one that has been given is not.

        One that an error ended is given as well until somebody saw the error. Where one ended without an answer, what
        its question had before is shown again.
        """
        with self._lock:
            jobs = self._jobs.pop(conversation_id, [])
            ended = [pair for pair in jobs if pair[1].done]
            unseen = [pair for pair in ended if pair[1].error and not (pair[1].error_seen or is_answered(pair[1]))]
            if left := [*unseen, *(pair for pair in jobs if pair not in ended)]:
                self._jobs[conversation_id] = left
        for question, job in ended:
            if not is_answered(job):
                self._conversations.settle(conversation_id, question)
        return next((job for _, job in left if not is_answered(job)), None)

    def stop_answers(self, conversation_id: str) -> None:
        """Cancel what is being answered in a conversation."""
        with self._lock:
            jobs = list(self._jobs.get(conversation_id, ()))
        for _, job in jobs:
            job.cancel()

    def being_written(self) -> tuple[str, int] | None:
        """The id of the answer at hand and its tokens so far."""
        job = self._worker.running
        last = None if job is None or job.done else job.last
        return None if job is None or last is None or last.answer is not None else (job.id, last.new_tokens)


def _after(
    files: Job[IngestEvent], ask: Callable[..., Generator[AnswerEvent, None, None]], cancelled: threading.Event
) -> Generator[AnswerEvent, None, None]:
    """The answer, once the files are added. Raises DatabaseError where none could be."""
    if files.error is not None:
        raise files.error
    if not files.cancelled.is_set():  # else the question stays, without an answer
        yield from ask(
            files=[event.report for event in files.events() if event.report is not None], cancelled=cancelled
        )
