"""The same tokens however they are computed: in chunks, after a kept prefix, guessed, in 8 bits."""

from __future__ import annotations

from pathlib import Path

import pytest

from ert_core.decoding import decode
from ert_core.language_model import LanguageModel
from ert_core.prompt_chunks import chunk_ends
from ert_core.types import GenerationOptions
from tests.model_steps import QUESTION, endless_model
from tests.tiny_model import build_tiny_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def endless(folder, tmp_path_factory) -> LanguageModel:
    return endless_model(folder, tmp_path_factory.mktemp("model") / "endless")


def test_a_prompt_in_chunks_answers_like_a_prompt_in_one(endless):
    prompt = endless._prompt([{"role": "user", "content": "argile sable roche " * 60}])

    def tokens(chunk):
        pieces = chunk_ends(prompt, chunk=chunk)
        run = decode(
            endless._model, prompt, lambda a, x: int(x.argmax()), max_new_tokens=20, end_tokens=(), pieces=pieces
        )
        return [step.token for step in run if step.token is not None]

    assert tokens(64) == tokens(10_000)


def test_a_cache_that_holds_a_prefix_gives_the_same_answer(endless):
    """The seam for prefix reuse."""
    import torch
    from transformers import DynamicCache

    prompt = endless._prompt(QUESTION)
    cache = DynamicCache(config=endless._model.config)
    with torch.inference_mode():
        endless._model(input_ids=torch.tensor([prompt[:20]]), past_key_values=cache, use_cache=True)

    def tokens(given):
        run = decode(
            endless._model, prompt, lambda a, x: int(x.argmax()), max_new_tokens=20, end_tokens=(), cache=given
        )
        return [step.token for step in run]

    assert tokens(cache) == tokens(None)


def test_inference_mode_is_on_inside_and_off_for_the_consumer(endless, monkeypatch):
    import torch

    inside = []
    forward = type(endless._model).forward

    def spy(self, *args, **kwargs):
        inside.append(torch.is_inference_mode_enabled())
        return forward(self, *args, **kwargs)

    compiled = endless._few_tokens

    def spy_on_compiled(*args):
        inside.append(torch.is_inference_mode_enabled())
        return compiled(*args)

    monkeypatch.setattr(type(endless._model), "forward", spy)
    monkeypatch.setattr(endless, "_few_tokens", spy_on_compiled)
    for _ in endless.generate(QUESTION, GenerationOptions(max_new_tokens=3)):
        assert not torch.is_inference_mode_enabled()
    assert inside == [True] * 3


def test_what_is_guessed_from_the_prompt_changes_nothing_but_the_steps(endless):
    """An answer that copies, goes its own way and copies again: same logits and same cache, in fewer steps."""
    import torch

    from ert_core.growing_cache import new_cache

    assert endless._guessing
    prompt = endless._prompt([{"role": "user", "content": "La résistivité de l'argile humide est faible. " * 3}])
    answer = [*prompt[5:25], 77, 78, 79, *prompt[8:30], *prompt[3:9], 80]
    forwards = []

    def compute(tokens, cache):
        forwards.append(len(tokens))
        return endless._few_tokens(tokens, cache)

    def run(guessing):
        forwards.clear()
        seen, cache = [], new_cache(endless._model.config)
        choose = lambda written, logits: (seen.append(logits.clone()), answer[len(written)])[1]  # noqa: E731
        others = {"max_new_tokens": len(answer), "end_tokens": (), "few_tokens": compute}
        found = list(decode(endless._model, prompt, choose, cache=cache, guessing=guessing, **others))
        assert [step.token for step in found[:-1]] == answer
        return torch.stack(seen), cache, len(forwards)

    (logits, cache, few), (right, plain, many) = run(True), run(False)
    assert many == len(answer) - 1 and few < 0.6 * many
    assert torch.equal(logits, right)
    for one, other in zip(cache.layers, plain.layers, strict=True):
        assert torch.equal(one.keys, other.keys) and torch.equal(one.values, other.values)


def test_guessing_stops_at_an_end_and_at_the_cap(endless, monkeypatch):
    prompt = endless._prompt([{"role": "user", "content": "un deux trois quatre cinq six sept huit neuf dix onze"}])
    copied = prompt[2:14]
    choose = lambda written, logits: copied[len(written)]  # noqa: E731
    guessing = endless._guessing
    for end in (copied[9], -1):
        run = list(decode(endless._model, prompt, choose, max_new_tokens=11, end_tokens=(end,), guessing=guessing))
        expected = copied[:11] if end < 0 else copied[: copied.index(end)]
        assert [step.token for step in run[:-1]] == expected
        assert run[-1].finish_reason == ("length" if end < 0 else "stop")


def test_8_bit_copies_are_made_where_memory_allows_and_nobody_said_no(folder, monkeypatch):
    def eight_bits(model: LanguageModel) -> bool:
        model.load()
        return model._few_tokens is not None

    assert eight_bits(LanguageModel(folder))
    assert not eight_bits(LanguageModel(folder, int8_decoding=False))
    monkeypatch.setattr("ert_core.model_in_memory.available_bytes", lambda: 1000)
    assert not eight_bits(LanguageModel(folder))
