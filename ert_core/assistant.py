"""The engine that the pages and the command line call: ingest() and ask()."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ert_core import cpu_budget
from ert_core.answering import Answering
from ert_core.conversations import Conversations
from ert_core.database import Database
from ert_core.download_job import download_steps
from ert_core.embedders import Embedders
from ert_core.embedding_catalogue import choose
from ert_core.errors import EmbeddingModelError, QuestionError, QueueFullError
from ert_core.jobs import REST_SECONDS, Job, Worker, giving_way
from ert_core.library import Library
from ert_core.reindexing import Reindexing
from ert_core.retrieval import Retriever
from ert_core.saved_settings import load_settings, save_settings
from ert_core.small_talk import small_talk
from ert_core.sources import encodable
from ert_core.types import (
    AnswerEvent,
    AnswerMode,
    Citation,
    DownloadEvent,
    IngestEvent,
    Message,
    ReindexEvent,
    Retrieved,
    Source,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ert_core.embeddings import SentenceTransformerEmbeddings
    from ert_core.measures import MeasureEvent
    from ert_core.question_sets import KnownQuestion
    from ert_core.settings import Settings
    from ert_core.writer_lock import Writer

Measurement = Literal["self_test", "evaluation"]
# How long the end of the server waits for work that was told to stop.
CLOSE_SECONDS = 8.0


def is_answered(job: Job[AnswerEvent]) -> bool:
    """Whether the answer has been given; the model may still be reading ahead, for a next question."""
    return job.last is not None and job.last.answer is not None


class Assistant:
    """One library, its conversations and its models. Thread-safe; models are loaded at first use."""

    def __init__(self, settings: Settings, *, overrides: Mapping[str, Any] | None = None) -> None:
        """Open the data directory of `settings`. Raises DatabaseError.

        `overrides` are the settings of the command line, which saved ones do not replace.
        """
        self._overrides = dict(overrides or {})
        self.database = Database(settings.home)
        self.settings = load_settings(self.database, settings.home, self._overrides)
        cpu_budget.apply(self.settings.cpu_budget)
        self._lock = threading.Lock()
        self.embedders = Embedders(self.settings)
        self.library = Library(self.database, self.embedders, max_file_mb=self.settings.max_file_mb)
        self.reindexing = Reindexing(self.library)
        self.retriever = Retriever(self.library, self.reindexing.repair)
        self.conversations = Conversations(self.database)
        self.answering = Answering(self.retriever, self.embeddings)
        self.answers: Worker[AnswerEvent] = Worker("ert-answers")
        self.ingestions: Worker[IngestEvent] = Worker("ert-ingestions")
        self.downloads: Worker[DownloadEvent] = Worker("ert-downloads")
        self.reindexings: Worker[ReindexEvent] = Worker("ert-reindexings")
        self.measurements: Worker[MeasureEvent] = Worker("ert-measurements")
        self._closed = False
        self._answer_jobs: dict[str, Job[AnswerEvent]] = {}
        self._measurement_jobs: dict[str, Job[MeasureEvent]] = {}

    def other_writer(self) -> Writer | None:
        """Who else writes in this data directory; None: this process does, from now on. Raises DatabaseError."""
        return self.database.other_writer()

    def embeddings(self) -> SentenceTransformerEmbeddings:
        """The embeddings that searches use; see Library.embeddings. Raises EmbeddingModelError."""
        return self.library.embeddings()

    def change_settings(self, **changes: Any) -> Settings:
        """Save settings that a page changes, and apply them; None returns to the default. Raises SettingsError."""
        known = {name: value for name, value in changes.items() if value is not None}
        self.settings.with_changes(**known)  # refuses what is out of range before anything is saved
        save_settings(self.database, changes)
        return self._follow_settings()

    def take_over(self) -> None:
        """Go on as the writer, where another one wrote before: with its settings, and what was left to read again."""
        self._follow_settings()
        self.start_reindexing()

    def _follow_settings(self) -> Settings:
        self.settings = load_settings(self.database, self.settings.home, self._overrides)
        cpu_budget.apply(self.settings.cpu_budget)
        self.embedders.apply(self.settings)
        self.answering.apply(self.settings)
        return self.settings

    def ingest(
        self, sources: Sequence[Source], cancelled: threading.Event | None = None
    ) -> Generator[IngestEvent, None, None]:
        """Add files, telling each step; see Library.add. Raises DatabaseError when nothing can be saved."""
        self.database.write()
        yield from self.library.add(sources, cancelled, busy=self._answering_someone)

    def start_ingest(self, sources: Sequence[Source]) -> Job[IngestEvent]:
        """Add files in the background, giving way to answers. Raises QueueFullError, DatabaseError."""
        self.database.write()
        return self.ingestions.submit(
            lambda cancelled: giving_way(self.ingest(sources, cancelled), self._answering_someone, cancelled)
        )

    def _answering_someone(self) -> bool:
        return self.answers.busy

    def search(self, question: str, k: int = 5) -> Retrieved:
        """The passages for a question. Raises QuestionError."""
        return self.retriever.search(self._checked(question), k)

    def ask(
        self,
        question: str,
        *,
        mode: AnswerMode | None = None,
        language: str = "en",
        conversation_id: str | None = None,
        anyway: bool = False,
        fall_back: bool = False,
        question_saved: bool = False,
        cancelled: threading.Event | None = None,
        hurried: Callable[[], bool] = lambda: False,
    ) -> Generator[AnswerEvent, None, None]:
        """Answer a question, streamed; the last event holds the answer.

        `language` ("fr" or "en") is the interface's: ERT speaks it where the question's is neither.
        With `conversation_id` both turns are saved (the question unless `question_saved` says that it is
        there already), the answer before its event is given. `anyway`
        answers although the evidence is too weak. With `fall_back`, a language model that cannot be
        used gives quotes and a notice instead of LanguageModelError. What is done after the answer, for a next
        question, ends when `hurried`. Raises QuestionError.
        """
        question = self._answerable(question)
        history: Sequence[Message] = ()
        if conversation_id is not None:
            history = self.conversations.messages(conversation_id)
            if anyway:  # asked again: neither the question nor its refusal is a turn before it
                asked = [n for n, m in enumerate(history) if m.role == "user" and m.text == question]
                history = history[: asked[-1]] if asked else history
            if question_saved:
                history = [m for n, m in enumerate(history) if n < len(history) - 1 or m.role != "user"]
            else:
                self.conversations.add(conversation_id, Message("user", question))
        self.answering.apply(self.settings)
        for event in self.answering.answer(
            question,
            mode=mode or self.settings.answer_mode,  # type: ignore[arg-type]  # checked when the settings are read
            interface=language,
            k=self.settings.passages,
            history=history,
            anyway=anyway,
            fall_back=fall_back,
            conversation=conversation_id is not None,
            cancelled=cancelled or threading.Event(),
            hurried=hurried,
        ):
            if event.answer is not None and conversation_id is not None:
                self.conversations.add(conversation_id, Message("assistant", event.answer.text, event.answer))
            yield event

    def start_answer(
        self, question: str, conversation_id: str, *, language: str = "en", anyway: bool = False
    ) -> Job[AnswerEvent]:
        """Answer in the background; `running_answer` finds the job again. Raises QuestionError, QueueFullError.

        The question is saved at once, unless it is asked again with `anyway`.
        """
        question = self._answerable(question)
        self.database.write()  # else an answer that cannot be saved would be made
        saved = None if anyway else self.conversations.add(conversation_id, Message("user", question))
        try:
            job = self.answers.submit(
                lambda cancelled: self.ask(
                    question,
                    language=language,
                    conversation_id=conversation_id,
                    anyway=anyway,
                    fall_back=True,
                    question_saved=True,
                    cancelled=cancelled,
                    hurried=lambda: self.answers.waiting,
                )
            )
        except QueueFullError:
            if saved is not None:
                self.conversations.take_back(saved)
            raise
        with self._lock:
            self._answer_jobs = {c: j for c, j in self._answer_jobs.items() if not j.done} | {conversation_id: job}
        return job

    def running_answer(self, conversation_id: str) -> Job[AnswerEvent] | None:
        """The answer being made for a conversation, if any; one that has been given is not."""
        job = self._answer_jobs.get(conversation_id)
        return None if job is None or job.done or is_answered(job) else job

    def start_download(self, model_id: str) -> Job[DownloadEvent]:
        """Fetch a language model in the background. Raises QueueFullError."""
        return self.downloads.submit(lambda cancelled: download_steps(model_id, cancelled))

    def change_embedding_model(self, model: str | None) -> Job[ReindexEvent] | None:
        """Search with another model, as soon as the documents are read again; None returns to the default.

        Raises EmbeddingModelError, and changes nothing, when the model is not on this machine.
        """
        choose(model or "")
        self.change_settings(embedding_model=model)
        return self.start_reindexing()

    def start_reindexing(self) -> Job[ReindexEvent] | None:
        """Read documents again in the background, when the settings or a newer ERT ask for it.

        A run at work gives way to the new one, which goes on from there. Raises QueueFullError.
        """
        self.reindexings.stop()
        try:
            needed = self.reindexing.pending().anything
        except EmbeddingModelError:
            needed = self.library.store.count() > 0  # the job tells why
        if not needed:
            return None
        return self.reindexings.submit(
            lambda cancelled: giving_way(self.reindexing.run(cancelled), self._answering_someone, cancelled)
        )

    def start_self_test(self) -> Job[MeasureEvent]:
        """Test the search on the library's own sentences in the background; see `self_test`. Raises QueueFullError."""
        from ert_core.self_test import run_self_test

        return self._start_measurement("self_test", lambda cancelled: run_self_test(self, cancelled=cancelled))

    def start_evaluation(
        self, questions: Sequence[KnownQuestion], unanswerable: Sequence[KnownQuestion] = ()
    ) -> Job[MeasureEvent]:
        """Measure with known questions in the background; see `evaluation`. Raises QueueFullError."""
        from ert_core.evaluation import evaluate

        return self._start_measurement(
            "evaluation", lambda cancelled: evaluate(self, questions, unanswerable, cancelled)
        )

    def measurement(self, kind: Measurement) -> Job[MeasureEvent] | None:
        """The last measurement of a kind, at work or finished."""
        return self._measurement_jobs.get(kind)

    def _start_measurement(
        self, kind: Measurement, steps: Callable[[threading.Event], Generator[MeasureEvent, None, None]]
    ) -> Job[MeasureEvent]:
        """Queue a measurement, which gives way to answers; the one of its kind at work, if any, is returned instead."""
        with self._lock:
            present = self._measurement_jobs.get(kind)
            if present is not None and not present.done:
                return present
            job = self.measurements.submit(
                lambda cancelled: giving_way(steps(cancelled), self._answering_someone, cancelled, REST_SECONDS)
            )
            self._measurement_jobs[kind] = job
            return job

    def check(self, citation: Citation) -> bool:
        """Whether the document is still there and holds the quote at its own offsets."""
        return self.retriever.holds(citation)

    def close(self) -> None:
        """Cancel the work at hand and wait for it a moment, free the models and close the database.

        A thread that still computes when Python ends would end the process with an abort.
        """
        if self._closed:
            return
        self._closed = True
        workers = (self.answers, self.ingestions, self.downloads, self.reindexings, self.measurements)
        for worker in workers:
            worker.stop()
        deadline = time.monotonic() + CLOSE_SECONDS
        ended = [worker.join(deadline - time.monotonic()) for worker in workers]
        if all(ended):
            self.answering.close()
        self.database.close()

    def _answerable(self, question: str) -> str:
        question = self._checked(question)
        if small_talk(question) is None and not self.library.store.count():
            raise QuestionError("documents_coming" if self.ingestions.busy else "no_documents")
        return question

    def _checked(self, question: str) -> str:
        question = encodable(question).strip()  # a lone surrogate can be neither saved nor sent
        if not question:
            raise QuestionError("question_empty")
        limit = self.settings.max_question_characters
        if len(question) > limit:
            raise QuestionError("question_long", length=len(question), limit=limit)
        return question
