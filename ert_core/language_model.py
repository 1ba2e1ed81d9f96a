"""A chat language model of transformers: answers streamed token by token, stopped at once.

This module knows messages and tokens; it does not know documents, prompts or pages.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from ert_core.chat_tokenizer import Messages
from ert_core.cpu_budget import pause, pause_again
from ert_core.decoding import DecodingFinish, DecodingStep, TextStream, TokenChooser, token_chooser
from ert_core.errors import LanguageModelError
from ert_core.model_errors import generation_errors
from ert_core.model_in_memory import ModelInMemory
from ert_core.model_loading import give_memory_back
from ert_core.pacing import limit_threads
from ert_core.prefix_cache import decode_reusing
from ert_core.prompt_chunks import chunk_ends, message_ends
from ert_core.types import GenerationOptions

MAX_NEW_TOKENS = 8192


@dataclass(frozen=True)
class GenerationStep:
    """One step of an answer. `delta` is text to append (often empty); the last step has a `finish_reason`.

    `new_tokens` counts the answer's tokens so far; `prompt_progress` in [0, 1] is the share of the
    prompt that has been read.
    """

    delta: str = ""
    finish_reason: DecodingFinish | None = None
    prompt_tokens: int = 0
    new_tokens: int = 0
    prompt_progress: float = 1.0


class LanguageModel(ModelInMemory):
    """One model, one answer at a time: see ModelInMemory for how it is made. Thread-safe.

    Methods raise LanguageModelError (NotEnoughMemoryError when the model does not fit).
    """

    def count_tokens(self, messages: Messages) -> int:
        """Tokens of `messages` (role, content) as a prompt. Loads the tokenizer, not the weights."""
        return len(self._prompt(messages))

    def generate(
        self,
        messages: Messages,
        options: GenerationOptions | None = None,
        cancelled: threading.Event | None = None,
    ) -> Iterator[GenerationStep]:
        """Answer `messages` (role, content), step by step, in the caller's thread.

        Loads the model when needed. Setting `cancelled`, or closing the iterator, stops within one
        token (or one chunk of the prompt). Temperature 0 repeats exactly. At most
        `options.max_new_tokens` tokens are written (the device's cap when None, never over 8,192 nor
        the context). An error of the model is raised as LanguageModelError.
        """
        options = options or GenerationOptions()
        with self._exclusive():
            self.load()
            pause(cancelled)
            limit_threads(*self.threads)
            prompt = self._prompt(messages)
            room = self._room(len(prompt), options)
            with self._computing():
                yield from self._answer(prompt, options, room, cancelled)

    def read_ahead(self, messages: Messages, cancelled: threading.Event | None = None) -> None:
        """Read what the next prompt will begin with, so that its answer can begin sooner.

        `messages` end with an answer. Nothing is done while the weights are not loaded. Raises LanguageModelError.
        """
        with self._exclusive():
            if self._model is None or not self._prefixes.limit:
                return
            pause(cancelled)
            limit_threads(*self.threads)
            prompt = self._prompt(messages, answer=False)[: self.context_length]
            pieces = self._pieces(prompt)
            whole = message_ends(prompt, self._end_tokens, ())
            pieces = pieces[: pieces.index(whole[-1]) + 1] if whole else pieces[:-1]
            if not pieces:
                return
            # One token more, which is never computed: whole pieces need no logits.
            rest = [*prompt[: pieces[-1]], 0]
            steps = self._steps(rest, [*pieces, len(rest)], lambda answer, logits: 0, 1, cancelled)
            with self._computing(), closing(steps):
                for step in steps:
                    if step.prompt_read >= pieces[-1]:
                        break

    def _answer(
        self, prompt: list[int], options: GenerationOptions, room: int, cancelled: threading.Event | None
    ) -> Iterator[GenerationStep]:
        stream = TextStream(self._load_tokenizer().text)
        choose = token_chooser(options, self._model.generation_config, self.device)
        new = 0
        for step in self._steps(prompt, self._pieces(prompt), choose, room, cancelled):
            delta = ""
            if step.token is not None:
                new += 1
                delta = stream.push(step.token)
            elif step.finish_reason is not None:
                delta = stream.finish()
            yield GenerationStep(delta, step.finish_reason, len(prompt), new, step.prompt_read / len(prompt))

    def _pieces(self, prompt: list[int]) -> list[int]:
        return chunk_ends(prompt, self._end_tokens, self._load_tokenizer().answer_header)

    def _steps(
        self, prompt: list[int], pieces: list[int], choose: TokenChooser, room: int, cancelled: threading.Event | None
    ) -> Generator[DecodingStep, None, None]:
        return decode_reusing(
            self._prefixes,
            self._model,
            prompt,
            choose,
            pieces=pieces,
            max_new_tokens=room,
            end_tokens=self._end_tokens,
            cancelled=cancelled,
            guessing=self._guessing,
            threads=self._decoding_threads,
            few_tokens=self._few_tokens,
        )

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """What a model raises becomes a LanguageModelError, and what its computing left is collected."""
        try:
            with generation_errors(self.name):
                yield
        finally:
            pause_again()  # collecting takes a fifth of a second; after a Stop nothing waits
            give_memory_back(self.device)

    def _room(self, prompt_tokens: int, options: GenerationOptions) -> int:
        """How many tokens may be written after a prompt of that length."""
        wanted = self.cap if options.max_new_tokens is None else options.max_new_tokens
        if wanted < 1:
            raise ValueError(f"max_new_tokens must be at least 1, not {wanted}")
        left = self.context_length - prompt_tokens
        if left < 1:
            raise LanguageModelError("prompt_too_long", tokens=prompt_tokens, limit=self.context_length)
        return min(wanted, MAX_NEW_TOKENS, left)

    def _prompt(self, messages: Messages, *, answer: bool = True) -> list[int]:
        return self._load_tokenizer().prompt(messages, answer=answer)
