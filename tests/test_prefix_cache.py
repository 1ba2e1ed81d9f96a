"""Prefix reuse: what is kept is right, bounded and shared, and an answer never tells warm from cold."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import DynamicCache, GenerationConfig, MistralConfig, MistralForCausalLM, Qwen2Config

from ert_core.decoding import decode
from ert_core.growing_cache import new_cache
from ert_core.language_model import LanguageModel
from ert_core.model_memory import PROMPT_CHUNK
from ert_core.prefix_cache import MOST_BYTES, PrefixCache, cache_limit, can_hold
from ert_core.prompt_chunks import chunk_ends, message_ends
from ert_core.types import GenerationOptions
from tests.tiny_model import VOCABULARY_TEXTS, build_tiny_model

CHUNK = 4
LAYERS = 2
BLOCK_BYTES = LAYERS * 2 * CHUNK * 8  # float64


def computed(prompt: Sequence[int], threads: int = 1) -> DynamicCache:
    """A cache as a model would fill it: every place holds a number that depends on all tokens up to it."""
    cache = DynamicCache()
    states = list(itertools.accumulate(prompt, lambda state, token: (31 * state + token + threads) % 1_000_003))
    for layer in range(LAYERS):
        keys = torch.tensor(states, dtype=torch.float64).view(1, 1, -1, 1) + layer
        cache.update(keys, -keys, layer)
    return cache


def empty() -> DynamicCache:
    cache = DynamicCache()
    for layer in range(LAYERS):
        cache.update(torch.zeros(1, 1, 0, 1, dtype=torch.float64), torch.zeros(1, 1, 0, 1, dtype=torch.float64), layer)
    return cache


def ends(prompt: Sequence[int]) -> list[int]:
    """Of pieces of CHUNK tokens, without the rest."""
    return list(range(CHUNK, len(prompt) + 1, CHUNK))


def restored(kept: PrefixCache, prompt: Sequence[int], threads: int = 1) -> int:
    """How many tokens are restored, after a check that they are what would have been computed."""
    cache = empty()
    n = kept.restore(prompt, ends(prompt), cache, threads)
    assert n == cache.get_seq_length() and n % CHUNK == 0 and n < max(1, len(prompt))
    if n:
        right = computed(prompt[:n], threads)
        for mine, true in zip(cache.layers, right.layers, strict=True):
            assert torch.equal(mine.keys, true.keys) and torch.equal(mine.values, true.values)
    return n


prompts = st.lists(st.integers(0, 1), max_size=20)


@given(st.lists(st.tuples(prompts, st.integers(1, 2)), max_size=25), st.integers(0, 8))
def test_what_is_restored_is_what_would_be_computed_and_the_limit_holds(
    asked: list[tuple[list[int], int]], blocks: int
) -> None:
    kept = PrefixCache(blocks * BLOCK_BYTES)
    for prompt, threads in asked:
        restored(kept, prompt, threads)
        kept.keep(prompt, ends(prompt), computed(prompt, threads), threads)
        assert kept.size <= kept.limit
        assert kept.size == len(kept._blocks) * BLOCK_BYTES
        reachable = {-1, -2, *(block.number for block in kept._blocks.values())}
        assert all(parent in reachable for parent, _ in kept._blocks), "no block is left without the one before it"
        assert restored(kept, [*prompt, 0], threads) == min(len(prompt) // CHUNK, blocks) * CHUNK


def test_the_longest_beginning_is_found_and_the_last_token_is_left() -> None:
    kept = PrefixCache(MOST_BYTES)
    kept.keep(range(10), ends(range(10)), computed(range(10)), 1)
    assert restored(kept, range(10)) == 8
    assert restored(kept, range(8)) == 4, "one token at least is computed"
    assert restored(kept, [0, 1, 2, 3, 9, 9, 9, 9, 9]) == 4
    assert restored(kept, [9, *range(1, 10)]) == 0
    assert restored(kept, range(10), threads=2) == 0, "another number of threads rounds differently"
    kept.clear()
    assert restored(kept, range(10)) == 0 and kept.size == 0


def test_conversations_that_share_a_beginning_keep_theirs_and_hold_it_once() -> None:
    kept = PrefixCache(MOST_BYTES)
    system = [7] * CHUNK
    one, other = [*system, *range(9)], [*system, *range(20, 29)]
    kept.keep(one, ends(one), computed(one), 1)
    kept.keep(other, ends(other), computed(other), 1)
    assert restored(kept, one) == restored(kept, other) == 3 * CHUNK
    assert kept.size == 5 * BLOCK_BYTES, "the shared beginning is held once"


def test_the_least_recently_used_goes_first_its_end_before_its_beginning() -> None:
    kept = PrefixCache(6 * BLOCK_BYTES)
    one, two = [1] * 13, [2] * 13
    kept.keep(one, ends(one), computed(one), 1)
    kept.keep(two, ends(two), computed(two), 1)
    restored(kept, one)  # two is now the older one
    three = [3] * 5
    kept.keep(three, ends(three), computed(three), 1)
    assert [restored(kept, p) for p in (one, two, three)] == [12, 8, 4]


def test_the_limit_follows_what_is_available() -> None:
    config = Qwen2Config(num_hidden_layers=2)
    assert cache_limit(config, 10**12) == MOST_BYTES
    assert cache_limit(config, 80_000_000) == 10_000_000
    assert cache_limit(config, -5) == 0


# With a real model.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(
        tmp_path_factory.mktemp("model") / "tiny",
        vocabulary_texts=[*VOCABULARY_TEXTS, Path(__file__).read_text(encoding="utf-8")],
        hidden=128,
        dtype="bfloat16",
        context=8192,
    )


@pytest.fixture
def model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> LanguageModel:
    monkeypatch.setattr("ert_core.model_in_memory.bfloat16_pays", lambda home: True)
    return LanguageModel(folder, threads=1, interop_threads=1)


def turn(n: int) -> dict[str, str]:
    return {"role": "user", "content": f"question {n} : " + VOCABULARY_TEXTS[n % len(VOCABULARY_TEXTS)] * 3}


def answered(model: LanguageModel, messages: list[dict[str, str]]) -> tuple[str, float]:
    """The text, and the share of the prompt that stood read after the first step."""
    steps = list(model.generate(messages, GenerationOptions(max_new_tokens=12)))
    return "".join(step.delta for step in steps), steps[0].prompt_progress


@pytest.mark.thorough
def test_an_answer_is_the_same_warm_and_cold_over_many_turns(model: LanguageModel, folder: Path) -> None:
    messages = [{"role": "system", "content": "Réponds avec les passages. " * 10}]
    reused = 0
    for n in range(10):
        messages.append(turn(n))
        text, first = answered(model, messages)
        model.load()
        kept, model._prefixes = model._prefixes, PrefixCache(0)
        cold, cold_first = answered(model, messages)
        model._prefixes = kept
        assert text == cold
        reused += first > cold_first
        messages.append({"role": "assistant", "content": text})
    assert reused >= 7, "and most turns began with what was kept"


def test_the_cache_of_a_warm_run_holds_the_very_bits_of_a_cold_one(model: LanguageModel) -> None:
    """Stronger than the same text: nothing to round another way later."""
    model.load()
    prompt = model._prompt([{"role": "user", "content": VOCABULARY_TEXTS[1] * 70}])
    kept = PrefixCache(MOST_BYTES)

    def run(tokens: list[int], new: int) -> DynamicCache:
        cache = new_cache(model._model.config)
        with torch.inference_mode():
            kept.restore(tokens, chunk_ends(tokens), cache, 1)
        greedy: Any = lambda answer, logits: int(logits.argmax())  # noqa: E731
        list(decode(model._model, tokens, greedy, max_new_tokens=new, end_tokens=(), cache=cache))
        return cache

    cold = run(prompt, 20)
    half = prompt[: 2 * PROMPT_CHUNK + 17]
    kept.keep(half, chunk_ends(half), run(half, 20), 1)
    warm = run(prompt, 20)
    assert kept.restore(prompt, chunk_ends(prompt), new_cache(model._model.config), 1) == 2 * PROMPT_CHUNK
    for one, other in zip(cold.layers, warm.layers, strict=True):
        assert torch.equal(one.keys, other.keys) and torch.equal(one.values, other.values)


def test_what_was_read_ahead_is_not_read_again(model: LanguageModel) -> None:
    messages = [turn(n) if n % 2 == 0 else {"role": "assistant", "content": VOCABULARY_TEXTS[1] * 5} for n in range(4)]
    model.read_ahead(messages)
    assert not model.loaded, "no weights are loaded for it"
    model.load()
    cold = answered(model, [*messages, turn(4)])
    model._prefixes.clear()
    model.read_ahead(messages)
    size = sum(len(tokens) for _, tokens in model._prefixes._blocks)
    assert size == message_ends(model._prompt(messages, answer=False), model._end_tokens, ())[-1] > PROMPT_CHUNK
    warm = answered(model, [*messages, turn(4)])
    assert warm[0] == cold[0] and warm[1] > cold[1]
    cancelled = threading.Event()
    cancelled.set()
    model._prefixes.clear()
    model.read_ahead(messages, cancelled)
    assert model._prefixes.size == 0


def test_a_stopped_answer_leaves_what_it_read(model: LanguageModel) -> None:
    messages = [{"role": "user", "content": VOCABULARY_TEXTS[0] * 60}]
    steps = model.generate(messages)
    first = next(steps)
    steps.close()
    assert 0 < first.prompt_progress < 1
    assert answered(model, messages)[1] > first.prompt_progress


def test_a_change_of_threads_within_a_prompt_ends_what_is_kept(model: LanguageModel) -> None:
    messages = [{"role": "user", "content": VOCABULARY_TEXTS[0] * 60}]
    steps = model.generate(messages)
    next(steps)
    for threads in (2, 1):  # as another budget has it
        model.threads = (threads, 2)
        next(steps)
        next(steps)
    steps.close()
    assert len(model._prefixes._blocks) == 1


def test_a_failed_answer_keeps_nothing_and_the_next_one_is_right(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [turn(1), {"role": "assistant", "content": "x"}, turn(2)]
    right = answered(model, messages)[0]
    forward = type(model._model.lm_head).forward

    def fails(self: Any, *args: Any) -> Any:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(type(model._model.lm_head), "forward", fails)
    with pytest.raises(Exception, match="out of luck"):
        answered(model, messages)
    assert model._prefixes.size == 0
    monkeypatch.setattr(type(model._model.lm_head), "forward", forward)
    assert answered(model, messages)[0] == right


def test_what_is_kept_goes_with_the_weights(model: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [turn(1), {"role": "assistant", "content": "x"}, turn(2)]
    answered(model, messages)
    assert model._prefixes.size > 0
    model.unload()
    assert model._prefixes.size == 0
    answered(model, messages)
    assert model._prefixes.size > 0
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *a, **k: False)
    model.move_to("cuda")  # another type there: the weights are dropped
    assert model._prefixes.size == 0


def test_a_sliding_window_is_not_reused_and_answers_as_before(folder: Path, tmp_path: Path) -> None:
    build_tiny_model(tmp_path / "sliding")
    config = MistralConfig(
        vocab_size=600,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        sliding_window=32,
        max_position_embeddings=2048,
    )
    sliding = MistralForCausalLM(config)
    sliding.generation_config = GenerationConfig(eos_token_id=2)
    sliding.save_pretrained(tmp_path / "sliding")
    assert not can_hold(DynamicCache(config=config)) and cache_limit(config, 10**12) == 0
    model = LanguageModel(tmp_path / "sliding", threads=1)
    messages = [{"role": "user", "content": VOCABULARY_TEXTS[0] * 10}]
    first, again = answered(model, messages), answered(model, messages)
    model._prefixes.limit = MOST_BYTES  # even then
    assert first == again == answered(model, messages) and model._prefixes.size == 0
    plain = DynamicCache(config=MistralConfig(**{**config.to_dict(), "sliding_window": None, "layer_types": None}))
    assert can_hold(plain)
