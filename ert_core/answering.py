"""One question -> one answer: retrieval, the evidence check, then quotes or a written answer."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ert_core.cpu_budget import GOVERNOR, pause
from ert_core.devices import choose_device
from ert_core.errors import ErtError, LanguageModelError
from ert_core.follow_up import SearchQuery, fused, search_query
from ert_core.idle import WhenIdle
from ert_core.jobs import StopWhen
from ert_core.languages import reply_language
from ert_core.locale import text
from ert_core.monitor import CpuMeter
from ert_core.prompt_layout import ChatMessages
from ert_core.quotes import choose_quotes
from ert_core.refusal import refusal, without_sentences
from ert_core.retrieval import Retriever
from ert_core.small_talk import small_talk, without_greeting, without_small_talk
from ert_core.types import Answer, AnswerEvent, AnswerMode, Citation, Message, Retrieved
from ert_core.written_answers import written_answer

if TYPE_CHECKING:
    from ert_core.embeddings import SentenceTransformerEmbeddings
    from ert_core.language_model import LanguageModel
    from ert_core.settings import Settings

# A follow-up is searched twice; so many times the passages wanted are compared.
WIDER = 6
# What a GPU with too little memory left raises.
GPU_FULL = ("gpu_memory_short", "generation_out_of_memory")


class Answering:
    """Answers questions over one library; holds the language model, loaded at first use, once."""

    def __init__(self, retriever: Retriever, embeddings: Callable[[], SentenceTransformerEmbeddings]) -> None:
        self._retriever = retriever
        self._embeddings = embeddings
        self._lock = threading.Lock()
        self._model: LanguageModel | None = None
        self.idle = WhenIdle(self._unload_idle)
        self._settings: Settings | None = None
        self._gpu_full = False

    @property
    def model(self) -> LanguageModel | None:
        """The language model in use, or None while none is chosen."""
        return self._model

    def apply(self, settings: Settings) -> None:
        """Follow the settings: another model replaces the one held; caps, threads and device change in place.

        A model that has to move or go waits for the answer at hand.
        """
        with self._lock:
            if self._settings is None or self._settings.llm != settings.llm:
                self._replace_model(settings)
            self._settings = settings
            self.idle.apply(60.0 * settings.idle_unload_minutes)
            if self._model is not None:
                self._model.cap_cpu, self._model.cap_gpu = settings.max_new_tokens_cpu, settings.max_new_tokens_gpu
                self._model.int8_decoding = settings.int8_decoding  # from its next loading on
                self._model.threads = (settings.threads, settings.interop_threads)
                self._gpu_full = self._gpu_full and settings.gpu
                self._model.move_to("cpu" if self._gpu_full else choose_device(settings.gpu))

    def unload(self) -> None:
        """Give the language model's memory back; the next written answer loads it again."""
        with self._lock:
            if self._model is not None:
                self._model.unload()

    def close(self) -> None:
        """Give the memory back and let no timer run on."""
        self.idle.stop()
        self.unload()

    def _unload_idle(self) -> None:
        model = self._model
        if model is not None and model.loaded:
            model.unload()

    def answer(
        self,
        question: str,
        *,
        documents: Collection[str] | None = None,
        only: bool = True,
        mode: AnswerMode,
        interface: str,
        k: int,
        history: Sequence[Message],
        anyway: bool,
        fall_back: bool,
        conversation: bool,
        cancelled: threading.Event,
        hurried: Callable[[], bool],
    ) -> Generator[AnswerEvent, None, None]:
        """The steps of one answer; the last event holds it. See Assistant.ask.

        `documents` are the ids of those to search; without `only`, all are where these hold no answer.
        `interface` is the language of ERT's own words where the question's is neither French nor English.
        In a `conversation` the model then reads its own answer, for a next question, until it is `hurried`.
        """
        talk = small_talk(question, interface)
        if talk is not None:
            yield AnswerEvent(answer=talk)
            return
        started = time.monotonic()
        history = without_small_talk(history)
        ahead: ChatMessages = []
        with CpuMeter() as meter:
            pause(cancelled)
            yield AnswerEvent(step="searching")
            query = search_query(without_greeting(question), history)
            found = self.search(query, k, documents)
            if documents is not None and not only and not found.sufficient:
                found = self.search(query, k)
            language = reply_language(question, interface)
            searched = time.monotonic() - started
            if not found.sufficient and not anyway:
                answer = refusal(found, language)
            elif mode == "quotes":
                answer = self.quotes(found, language)
            else:
                try:
                    with self.idle.in_use():
                        answer, ahead = yield from self._written_somewhere(
                            question, found, language, history, cancelled, started
                        )
                except LanguageModelError as error:
                    if not fall_back:
                        raise
                    notice = " ".join(error.in_language(language))
                    answer = replace(self.quotes(found, language), notice=notice)
        timings = {"search": searched, **answer.timings, "total": time.monotonic() - started}
        yield AnswerEvent(
            answer=replace(
                answer,
                warned=anyway and not found.sufficient,
                timings={name: round(seconds, 3) for name, seconds in timings.items()},
                cpu_mean=meter.mean,
                cpu_peak=meter.peak,
                memory_mb=meter.memory_mb,
                cpu_budget=GOVERNOR.percent,
            )
        )
        stop = StopWhen(lambda: cancelled.is_set() or hurried())
        if ahead and conversation and not stop.is_set() and self._model is not None:
            # While the answer is being read; an error would only leave the next prompt to be read whole.
            with contextlib.suppress(ErtError), self.idle.in_use():
                self._model.read_ahead(ahead, stop)

    def search(self, query: SearchQuery, k: int, documents: Collection[str] | None = None) -> Retrieved:
        """What is found for a query, under the person's own question and its language."""
        if not query.leans:
            return self._retriever.search(query.text, k, documents)
        texts = (query.question, query.text)
        alone, with_subject = (self._retriever.search(text, WIDER * k, documents) for text in texts)
        return fused(query, alone, with_subject, k)

    def quotes(self, found: Retrieved, language: str) -> Answer:
        """The answer made of the best sentences of what was found."""
        quotes = choose_quotes(found.question, found.passages)
        citations = tuple(replace(c, verified=self._retriever.holds(c)) for c in quotes)
        return Answer(
            "\n\n".join(f"{' '.join(c.quote.split())} [{c.n}]" for c in citations),
            "quotes",
            language,
            citations=citations,
            passages=without_sentences(found.passages),
            evidence=found.evidence,
            verified_share=_share(citations),
        )

    def _written_somewhere(
        self, question: str, found: Retrieved, language: str, *others: Any
    ) -> Generator[AnswerEvent, None, tuple[Answer, ChatMessages]]:
        """As `written_answer`; where the GPU's memory runs out, the CPU writes the answer from its beginning."""
        try:
            return (yield from self._written_answer(question, found, language, *others))
        except LanguageModelError as error:
            if self._model is None or self._model.device != "cuda" or error.code not in GPU_FULL:
                raise
        self._gpu_full = True  # until GPU mode is chosen again, or another model
        self._model.move_to("cpu")
        yield AnswerEvent(step="loading_model", text="")
        answer, ahead = yield from self._written_answer(question, found, language, *others)
        return replace(answer, notice=text("answer.gpu_full", language)), ahead

    def _written_answer(self, *asked: Any) -> Generator[AnswerEvent, None, tuple[Answer, ChatMessages]]:
        return written_answer(self._model, self._settings, self._retriever, self._embeddings, *asked)

    def _replace_model(self, settings: Settings) -> None:
        if self._model is not None:
            self._model.retire()
        self._model, self._gpu_full = None, False
        if settings.llm:
            from ert_core.language_model import LanguageModel

            self._model = LanguageModel(settings.llm, device=choose_device(settings.gpu), home=settings.home)


def _share(citations: Sequence[Citation]) -> float:
    return sum(c.verified for c in citations) / len(citations) if citations else 0.0
