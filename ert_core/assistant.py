"""The engine that the pages and the command line call: ingest() and ask()."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from ert_core.answering import Answering
from ert_core.conversations import Conversations
from ert_core.database import Database
from ert_core.devices import choose_device
from ert_core.download_job import download_steps
from ert_core.errors import QuestionError, QueueFullError
from ert_core.jobs import Job, Worker
from ert_core.library import Library
from ert_core.retrieval import Retriever
from ert_core.saved_settings import load_settings, save_settings
from ert_core.sources import encodable
from ert_core.types import AnswerEvent, AnswerMode, Citation, DownloadEvent, IngestEvent, Message, Retrieved, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ert_core.embeddings import SentenceTransformerEmbeddings
    from ert_core.settings import Settings


class Assistant:
    """One library, its conversations and its models. Thread-safe; models are loaded at first use."""

    def __init__(self, settings: Settings, *, overrides: Mapping[str, Any] | None = None) -> None:
        """Open the data directory of `settings`. Raises DatabaseError.

        `overrides` are the settings of the command line, which saved ones do not replace.
        """
        self._overrides = dict(overrides or {})
        self.database = Database(settings.home)
        self.settings = load_settings(self.database, settings.home, self._overrides)
        self._lock = threading.Lock()
        self._embeddings: SentenceTransformerEmbeddings | None = None
        self.library = Library(self.database, self.embeddings, max_file_mb=self.settings.max_file_mb)
        self.retriever = Retriever(self.library)
        self.conversations = Conversations(self.database)
        self.answering = Answering(self.retriever, self.embeddings)
        self.answers: Worker[AnswerEvent] = Worker("ert-answers")
        self.ingestions: Worker[IngestEvent] = Worker("ert-ingestions")
        self.downloads: Worker[DownloadEvent] = Worker("ert-downloads")
        self._answer_jobs: dict[str, Job[AnswerEvent]] = {}

    def embeddings(self) -> SentenceTransformerEmbeddings:
        """The embeddings that the settings name, made at the first call: that brings in langchain-core."""
        with self._lock:
            if self._embeddings is None:
                from ert_core.embeddings import SentenceTransformerEmbeddings

                self._embeddings = SentenceTransformerEmbeddings.from_settings(self.settings)
            return self._embeddings

    def change_settings(self, **changes: Any) -> Settings:
        """Save settings that a page changes, and apply them; None returns to the default. Raises SettingsError."""
        known = {name: value for name, value in changes.items() if value is not None}
        self.settings.with_changes(**known)  # refuses what is out of range before anything is saved
        save_settings(self.database, changes)
        self.settings = load_settings(self.database, self.settings.home, self._overrides)
        if self._embeddings is not None:
            self._embeddings.threads = (self.settings.threads, self.settings.interop_threads)
            self._embeddings.move_to(choose_device(self.settings.gpu))
        self.answering.apply(self.settings)
        return self.settings

    def ingest(
        self, sources: Sequence[Source], cancelled: threading.Event | None = None
    ) -> Generator[IngestEvent, None, None]:
        """Add files, telling each step; see Library.add."""
        yield from self.library.add(sources, cancelled)

    def start_ingest(self, sources: Sequence[Source]) -> Job[IngestEvent]:
        """Add files in the background. Raises QueueFullError."""
        return self.ingestions.submit(lambda cancelled: self.ingest(sources, cancelled))

    def search(self, question: str, k: int = 5) -> Retrieved:
        """The passages for a question. Raises QuestionError."""
        return self.retriever.search(self._checked(question), k)

    def ask(
        self,
        question: str,
        *,
        mode: AnswerMode | None = None,
        conversation_id: str | None = None,
        anyway: bool = False,
        fall_back: bool = False,
        question_saved: bool = False,
        cancelled: threading.Event | None = None,
    ) -> Generator[AnswerEvent, None, None]:
        """Answer a question, streamed; the last event holds the answer.

        With `conversation_id` both turns are saved (the question unless `question_saved` says that it is
        there already), the answer before its event is given. `anyway`
        answers although the evidence is too weak. With `fall_back`, a language model that cannot be
        used gives quotes and a notice instead of LanguageModelError. Raises QuestionError.
        """
        question = self._answerable(question)
        history: Sequence[Message] = ()
        if conversation_id is not None:
            history = self.conversations.messages(conversation_id)
            if question_saved:
                history = [m for n, m in enumerate(history) if n < len(history) - 1 or m.role != "user"]
            else:
                self.conversations.add(conversation_id, Message("user", question))
        self.answering.apply(self.settings)
        for event in self.answering.answer(
            question,
            mode=mode or self.settings.answer_mode,  # type: ignore[arg-type]  # checked when the settings are read
            k=self.settings.passages,
            history=history,
            anyway=anyway,
            fall_back=fall_back,
            cancelled=cancelled or threading.Event(),
        ):
            if event.answer is not None and conversation_id is not None:
                self.conversations.add(conversation_id, Message("assistant", event.answer.text, event.answer))
            yield event

    def start_answer(self, question: str, conversation_id: str, *, anyway: bool = False) -> Job[AnswerEvent]:
        """Answer in the background; `running_answer` finds the job again. Raises QuestionError, QueueFullError.

        The question is saved at once, unless it is asked again with `anyway`.
        """
        question = self._answerable(question)
        saved = None if anyway else self.conversations.add(conversation_id, Message("user", question))
        try:
            job = self.answers.submit(
                lambda cancelled: self.ask(
                    question,
                    conversation_id=conversation_id,
                    anyway=anyway,
                    fall_back=True,
                    question_saved=True,
                    cancelled=cancelled,
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
        """The answer being made for a conversation, if any."""
        job = self._answer_jobs.get(conversation_id)
        return None if job is None or job.done else job

    def start_download(self, model_id: str) -> Job[DownloadEvent]:
        """Fetch a language model in the background. Raises QueueFullError."""
        return self.downloads.submit(lambda cancelled: download_steps(model_id, cancelled))

    def check(self, citation: Citation) -> bool:
        """Whether the document is still there and holds the quote at its own offsets."""
        return self.retriever.holds(citation)

    def close(self) -> None:
        """Cancel the work at hand, free the models and close the database."""
        self.answers.stop()
        self.ingestions.stop()
        self.downloads.stop()
        self.answering.unload()
        self.database.close()

    def _answerable(self, question: str) -> str:
        question = self._checked(question)
        if not self.library.store.count():
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
