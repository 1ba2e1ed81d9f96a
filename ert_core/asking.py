"""A question, asked in a conversation or by itself: checked, its documents chosen, its turns saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ert_core.errors import QuestionError
from ert_core.locale import text
from ert_core.progress import IngestReport
from ert_core.small_talk import small_talk
from ert_core.sources import encodable
from ert_core.types import AnswerEvent, AnswerMode, Message, Retrieved, Scope

if TYPE_CHECKING:
    from ert_core.answering import Answering
    from ert_core.conversations import Conversations
    from ert_core.document_collections import DocumentCollections
    from ert_core.document_store import DocumentStore
    from ert_core.retrieval import Retriever
    from ert_core.settings import Settings


class Asking:
    """Asks questions of one library. Thread-safe."""

    def __init__(
        self,
        store: DocumentStore,
        retriever: Retriever,
        answering: Answering,
        conversations: Conversations,
        collections: DocumentCollections,
        *,
        settings: Callable[[], Settings],
        adding: Callable[[], bool],
    ) -> None:
        """`settings` gives the present ones, `adding` says whether documents are being added."""
        self._store, self._retriever, self._answering = store, retriever, answering
        self._conversations, self._collections = conversations, collections
        self._settings, self._adding = settings, adding

    def search(self, question: str, k: int = 5) -> Retrieved:
        """The passages for a question. Raises QuestionError."""
        return self._retriever.search(self.checked(question), k)

    def ask(
        self,
        question: str,
        *,
        mode: AnswerMode | None = None,
        language: str = "en",
        conversation_id: str | None = None,
        scope: Scope | None = None,
        files: Sequence[IngestReport] | None = None,
        anyway: bool = False,
        fall_back: bool = False,
        question_id: int | None = None,
        cancelled: threading.Event | None = None,
        hurried: Callable[[], bool] = lambda: False,
    ) -> Generator[AnswerEvent, None, None]:
        """Answer a question, streamed; the last event holds the answer, unless it was cancelled before the search.

        `language` ("fr" or "en") is the interface's: ERT speaks it where the question's is neither.
        With `conversation_id` both turns are saved (the question unless it is there already as the message
        `question_id`), the answer before its event is given. `scope` says which documents are asked; `files`
        tells what became of those that came with it, None where none did. `anyway` answers although the evidence
        is too weak. With `fall_back`, a language model that cannot be used gives quotes and a notice instead of
        LanguageModelError. What is done after the answer, for a next question, ends when `hurried`. Raises
        QuestionError.
        """
        question = self.answerable(question) if files is None else self.checked(question)
        cancelled = cancelled or threading.Event()
        history: Sequence[Message] = ()
        if conversation_id is not None:
            if question_id is None:
                question_id = self._conversations.add(conversation_id, Message("user", question, scope=scope))
            history = self._conversations.messages(conversation_id, before=question_id)
        notice = _not_added(files or (), language)
        self._answering.apply(self._settings())
        for event in self._answering.answer(
            question,
            documents=self._documents_of(scope),
            only=scope is None or scope.only,
            mode=mode or self._settings().answer_mode,  # type: ignore[arg-type]  # checked when the settings are read
            interface=language,
            k=self._settings().passages,
            history=history,
            anyway=anyway,
            fall_back=fall_back,
            conversation=conversation_id is not None,
            cancelled=cancelled,
            hurried=hurried,
        ):
            if event.answer is not None:
                if notice:
                    event = replace(event, answer=replace(event.answer, notice=_joined(notice, event.answer.notice)))
                if conversation_id is not None and event.answer is not None:
                    answer = Message("assistant", event.answer.text, event.answer, parent=question_id)
                    self._conversations.add(conversation_id, answer)
            yield event

    def answerable(self, question: str) -> str:
        """The question as it is asked. Raises QuestionError, also when there is nothing to ask."""
        question = self.checked(question)
        if small_talk(question) is None and not self._store.count():
            raise QuestionError("documents_coming" if self._adding() else "no_documents")
        return question

    def checked(self, question: str) -> str:
        """The question as it is asked. Raises QuestionError."""
        question = encodable(question).strip()  # a lone surrogate can be neither saved nor sent
        if not question:
            raise QuestionError("question_empty")
        limit = self._settings().max_question_characters
        if len(question) > limit:
            raise QuestionError("question_long", length=len(question), limit=limit)
        return question

    def _documents_of(self, scope: Scope | None) -> frozenset[str] | None:
        """The ids of the documents of a scope, None for all."""
        if scope is None:
            return None
        of_collection = () if scope.collection is None else self._collections.document_ids(scope.collection)
        return frozenset({*scope.documents, *of_collection})


def _not_added(files: Sequence[IngestReport], language: str) -> str | None:
    """What to say of the files that could not be added, a line for each."""
    told = []
    for report in files:
        if report.error is not None:
            told.append(" ".join(report.error.in_language(language)))
        elif report.status == "empty":
            told.append(text("answer.file_empty", language, name=report.name))
    return "\n".join(told) or None


def _joined(*notices: str | None) -> str | None:
    return "\n".join(notice for notice in notices if notice) or None
