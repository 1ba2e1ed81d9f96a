"""The decoding loop: prompt in chunks, then one token at a time, over the model's own forward.

It runs in the caller's thread, so an error of the model reaches the caller as it is, nothing is left
running when the caller stops, and between any two steps there is a place to cancel, to pause, or to
start from a cache that holds a prefix already (`generate` of transformers offers none of the three
without a second thread). Only the logits processors are transformers' own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ert_core.cpu_budget import pause
from ert_core.decoding_threads import DecodingThreads
from ert_core.pacing import Stopped
from ert_core.prompt_chunks import chunk_ends
from ert_core.prompt_lookup import PromptLookup

if TYPE_CHECKING:
    import torch

    from ert_core.types import GenerationOptions

DecodingFinish = Literal["stop", "length", "cancelled"]
# Chooses a token: (tokens of the answer so far, logits of shape (vocabulary,)) -> token.
TokenChooser = Callable[[Sequence[int], "torch.Tensor"], int]
# Computes (tokens, key/value cache) -> logits of shape (tokens, vocabulary), and extends the cache.
FewTokens = Callable[[Sequence[int], Any], "torch.Tensor"]


@dataclass(frozen=True)
class DecodingStep:
    """A new `token`, or the end with its reason, or neither: the prompt read up to `prompt_read` tokens."""

    token: int | None
    prompt_read: int
    finish_reason: DecodingFinish | None = None


def decode(
    model: Any,
    prompt: Sequence[int],
    choose: TokenChooser,
    *,
    max_new_tokens: int,
    end_tokens: Collection[int],
    cancelled: threading.Event | None = None,
    cache: Any = None,
    pieces: Sequence[int] | None = None,
    guessing: bool = False,
    threads: DecodingThreads | None = None,
    few_tokens: FewTokens | None = None,
) -> Iterator[DecodingStep]:
    """Read `prompt`, then yield tokens until an end token (not yielded), `max_new_tokens`, or `cancelled`.

    The last step has a finish reason and no token. `cache` may hold the key/value pairs of the first tokens of
    `prompt`; it is extended in place. `pieces` are the rising ends of what is read at once, the last one the
    length of the prompt (`prompt_chunks`); those that the cache holds are passed over. With `guessing`, several
    tokens may be checked in one step (`prompt_lookup`), which a model must compute with the very bits of one by one.
    `threads` sets torch's threads for each step. `few_tokens` computes the steps after the prompt, else `model` does.
    """
    import torch

    from ert_core.growing_cache import new_cache

    if cache is None:
        cache = new_cache(model.config)
    answer: list[int] = []
    read = cache.get_seq_length()
    ends = [end for end in (chunk_ends(prompt) if pieces is None else pieces) if end > read]
    lookup = PromptLookup(prompt) if guessing else None
    batch: list[int] = []
    guessed: list[int] = []
    while len(answer) < max_new_tokens:
        pause(cancelled)
        if cancelled is not None and cancelled.is_set():
            yield DecodingStep(None, read, "cancelled")
            return
        if ends:
            batch = list(prompt[read : ends[0]])
        elif lookup is not None:
            guessed = lookup.guess(max_new_tokens - len(answer) - 1)
        if ends and threads is not None:
            threads.reading()
        try:
            # Entered anew for each step: inside a generator it would leak to the caller at every yield.
            with torch.inference_mode(), nullcontext() if ends or threads is None else threads.writing():
                if few_tokens is not None and not ends:
                    logits = few_tokens(batch + guessed, cache)
                elif len(ends) > 1:  # the head over the vocabulary, a tenth of the work, is not needed
                    tokens = torch.tensor([batch], device=model.device)  # (1, tokens)
                    model.base_model(input_ids=tokens, past_key_values=cache, use_cache=True)
                    logits = None
                else:
                    tokens = torch.tensor([batch + guessed], device=model.device)
                    rows = 1 + len(guessed)
                    output = model(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=rows)
                    logits = output.logits[0].float()  # (rows, vocabulary)
                    del output
        except Stopped:
            yield DecodingStep(None, read, "cancelled")
            return
        if ends:
            read = ends.pop(0)
        if logits is None:
            yield DecodingStep(None, read)
            continue
        right = 0
        for row, guess in zip(logits, [*guessed, None], strict=True):
            token = choose(answer, row)
            if token in end_tokens:
                yield DecodingStep(None, read, "stop")
                return
            answer.append(token)
            yield DecodingStep(token, read)
            if lookup is not None:
                lookup.push(token)
            if token != guess:
                break
            right += 1
        if lookup is not None:
            lookup.learn(len(guessed), right)
            if right < len(guessed):
                with torch.inference_mode():
                    cache.crop(right - len(guessed))
        batch = [answer[-1]]
    yield DecodingStep(None, read, "length")


def token_chooser(options: GenerationOptions, generation_config: Any, device: str) -> TokenChooser:
    """Greedy at temperature 0, else sampling with the options' temperature, top_p and seed.

    The model's own repetition penalty and top_k are kept. The penalty counts over the answer only:
    over the prompt it would punish the copying of passages.
    """
    import torch
    from transformers import (
        LogitsProcessorList,
        RepetitionPenaltyLogitsProcessor,
        TemperatureLogitsWarper,
        TopKLogitsWarper,
        TopPLogitsWarper,
    )

    processors = LogitsProcessorList()
    penalty = getattr(generation_config, "repetition_penalty", None)
    if penalty and penalty != 1.0:
        processors.append(RepetitionPenaltyLogitsProcessor(float(penalty)))
    sampling = options.temperature > 0
    if sampling:
        processors.append(TemperatureLogitsWarper(float(options.temperature)))
        if top_k := getattr(generation_config, "top_k", None):
            processors.append(TopKLogitsWarper(int(top_k)))
        if options.top_p < 1.0:
            processors.append(TopPLogitsWarper(options.top_p))
    # A generator of its own: the same seed repeats whatever else draws numbers in this process.
    random = torch.Generator(device=device).manual_seed(options.seed)

    def choose(answer: Sequence[int], logits: torch.Tensor) -> int:
        scores = logits.unsqueeze(0)  # (1, vocabulary)
        if len(processors):
            written = torch.tensor([list(answer)], dtype=torch.long, device=scores.device)
            scores = processors(written, scores)
        if not sampling:
            return int(scores.argmax(dim=-1))
        return int(torch.multinomial(scores.softmax(dim=-1), 1, generator=random))

    return choose


class TextStream:
    """Turns tokens into text deltas that never end inside a character.

    `decode` maps token ids to text. Deltas join to the text of all tokens, less a last character
    whose bytes never came whole. Text is held back while it ends in U+FFFD, which is what decoders
    write for bytes that are not (yet) a character. The window starts one delta back, because some
    decoders drop the space before the first token they are given.
    """

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._tokens: list[int] = []
        self._window = 0
        self._shown = 0

    def push(self, token: int) -> str:
        """The text to append now, often empty."""
        self._tokens.append(token)
        before, now = self._texts()
        if now.endswith("\ufffd"):
            return ""
        self._window, self._shown = self._shown, len(self._tokens)
        return now[len(before) :]

    def finish(self) -> str:
        """The text still held back, without a character left unfinished."""
        before, now = self._texts()
        return now.rstrip("\ufffd")[len(before) :]

    def _texts(self) -> tuple[str, str]:
        return self._decode(self._tokens[self._window : self._shown]), self._decode(self._tokens[self._window :])
