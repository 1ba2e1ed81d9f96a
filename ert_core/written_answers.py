"""An answer that the language model writes: its prompt, its sentences checked as they come, its citations."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ert_core.citations import CitationChecker, supported_share
from ert_core.errors import LanguageModelError
from ert_core.prompt_layout import ChatMessages, answer_message
from ert_core.prompts import build_prompt
from ert_core.refusal import without_sentences
from ert_core.retrieval import Retriever
from ert_core.types import Answer, AnswerEvent, GenerationOptions, Message, Retrieved

if TYPE_CHECKING:
    from ert_core.embeddings import SentenceTransformerEmbeddings
    from ert_core.language_model import LanguageModel
    from ert_core.settings import Settings

# Tokens of the context left for the answer when the prompt is built.
ANSWER_SHARE = 0.25
LARGEST_PROMPT = 6000


def written_answer(
    model: LanguageModel | None,
    settings: Settings | None,
    retriever: Retriever,
    embeddings: Callable[[], SentenceTransformerEmbeddings],
    question: str,
    found: Retrieved,
    language: str,
    history: Sequence[Message],
    cancelled: threading.Event,
    started: float,
) -> Generator[AnswerEvent, None, tuple[Answer, ChatMessages]]:
    """The steps of an answer that the model writes from what was found; LanguageModelError where it cannot.

    Returns the answer, and what the conversation's next prompt will begin with.
    """
    if model is None or settings is None:
        raise LanguageModelError("model_none")
    if not model.loaded:
        yield AnswerEvent(step="loading_model")
        model.load()
    budget = min(LARGEST_PROMPT, int(model.context_length * (1 - ANSWER_SHARE)))
    # The question as it is saved, greeting and all: it has to read the same in the prompts that follow.
    prompt = build_prompt(question, language, found.passages, history, budget=budget, count_tokens=model.count_tokens)
    yield AnswerEvent(step="reading_sources", progress=0.0)
    checker = CitationChecker(language, prompt.passages, embeddings().encode)
    shown = ""
    checked = 0
    first_token: float | None = None
    last = None
    for step in model.generate(prompt.messages, GenerationOptions(temperature=settings.temperature), cancelled):
        last = step
        if step.prompt_progress < 1.0:
            yield AnswerEvent(step="reading_sources", progress=step.prompt_progress)
        if step.delta:
            if first_token is None:
                first_token = time.monotonic() - started
                yield AnswerEvent(step="writing")
            so_far = checker.add(step.delta)
            appended = so_far.text == shown + step.delta and len(so_far.statements) == checked
            shown, checked = so_far.text, len(so_far.statements)
            if appended:
                yield AnswerEvent(delta=step.delta, new_tokens=step.new_tokens)
            else:
                yield AnswerEvent(
                    delta=step.delta, text=shown, statements=so_far.statements, new_tokens=step.new_tokens
                )
    written = checker.finish()
    cited = {prompt.passages[c.n - 1] for c in written.citations}
    answer = Answer(
        written.text,
        "written",
        language,
        citations=tuple(replace(c, verified=retriever.holds(c)) for c in written.citations),
        passages=without_sentences(prompt.found),
        earlier_passages=without_sentences([p for p in prompt.earlier if p in cited]),
        evidence=found.evidence,
        verified_share=supported_share(written.statements),
        finish_reason=(last.finish_reason if last else None) or "cancelled",
        timings={} if first_token is None else {"first_token": first_token},
        prompt_tokens=last.prompt_tokens if last else 0,
        new_tokens=last.new_tokens if last else 0,
        statements=written.statements,
    )
    return answer, [*prompt.messages, answer_message(Message("assistant", written.text))]
