"""A model that was sped up writes what the plain one writes, and a step over several tokens is several steps."""

from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import pytest
import torch
from transformers import (
    GemmaConfig,
    GemmaForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from ert_core.attention import use_row_attention
from ert_core.fast_layers import speed_up
from ert_core.growing_cache import new_cache
from ert_core.packed_weights import can_pack, int8_pays

pytestmark = pytest.mark.skipif(not (can_pack() and int8_pays()), reason="no bfloat16 or 8-bit kernels here")
SHAPE = {
    "vocab_size": 300,
    "hidden_size": 128,
    "intermediate_size": 320,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "head_dim": 32,
}
MODELS = {
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(**SHAPE, tie_word_embeddings=True)),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(**SHAPE)),
    "llama": (LlamaForCausalLM, LlamaConfig(**SHAPE, mlp_bias=True, attention_bias=True)),
    "gemma": (GemmaForCausalLM, GemmaConfig(**SHAPE)),
}
TOKENS = torch.randint(0, 300, (1, 700), generator=torch.Generator().manual_seed(1))


def made(name: str, dtype: torch.dtype = torch.bfloat16) -> Any:
    kind, config = MODELS[name]
    torch.manual_seed(0)
    return kind(copy.deepcopy(config)).to(dtype).eval()


@torch.inference_mode()
def logits(model: Any, *sizes: int) -> torch.Tensor:
    """Of every token, read in steps of these sizes."""
    cache, begin, parts = new_cache(model.config), 0, []
    for size in sizes:
        parts.append(model(input_ids=TOKENS[:, begin : begin + size], past_key_values=cache, use_cache=True).logits[0])
        begin += size
    return torch.cat(parts).float()


def distance(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("sizes", [(600,), (64, 5), (3,)], ids=str)
def test_the_fast_layers_compute_what_the_plain_ones_do(name: str, sizes: tuple[int, ...]) -> None:
    exact = logits(made(name, torch.float32), *sizes)
    plain, fast = made(name), made(name)
    assert speed_up(fast, int8=False)
    assert distance(logits(fast, *sizes), exact) < 1.2 * distance(logits(plain, *sizes), exact)
    eight = made(name)
    assert speed_up(eight, int8=True)
    assert distance(logits(eight, *sizes), exact) < 0.06
    assert distance(logits(made(name), *sizes), exact) > 0.001, "and it is a distance"


@pytest.mark.parametrize("name", MODELS)
def test_several_tokens_in_a_step_have_the_bits_of_one_by_one(name: str) -> None:
    model = made(name)
    assert speed_up(model, int8=True) and use_row_attention(model)
    # Across 511 and 512 tokens, where torch's own attention changes its roundings.
    single = logits(model, 500, *[1] * 24)
    assert torch.equal(logits(model, 500, 8, 8, 8), single)
    assert torch.equal(logits(model, 500, 3, 1, 7, 5, 8), single)
    assert not torch.equal(logits(model, 500, 9, 8, 7), single), "nine rows are too many for it"


def test_float32_is_written_with_8_bits_and_read_as_it_is() -> None:
    plain, fast = made("qwen2", torch.float32), made("qwen2", torch.float32)
    assert speed_up(fast, int8=True)
    torch.testing.assert_close(logits(fast, 60), logits(plain, 60), rtol=1e-4, atol=1e-4)
    assert 1e-4 < distance(logits(fast, 5), logits(plain, 5)) < 0.05
    assert not speed_up(made("qwen2", torch.float32), int8=False), "nothing to do"


def test_experts_are_left_as_they_are_and_do_not_count_as_whole() -> None:
    torch.manual_seed(0)
    config = MixtralConfig(**SHAPE, num_local_experts=2, num_experts_per_tok=1)
    model = MixtralForCausalLM(config).bfloat16().eval()
    before = logits(model, 40)
    assert not speed_up(model, int8=True)
    assert distance(logits(model, 40), before) < 0.05


def test_a_sliding_window_keeps_its_own_attention() -> None:
    config = Qwen2Config(**SHAPE, use_sliding_window=True, sliding_window=16, max_window_layers=0)
    model = Qwen2ForCausalLM(config).bfloat16().eval()
    assert not use_row_attention(model)
    assert model.config._attn_implementation == "sdpa"


def test_the_weights_are_not_held_twice() -> None:
    model = made("qwen2")
    plain = [weakref.ref(p) for p in model.model.layers.parameters() if p.dim() == 2]
    speed_up(model, int8=False)
    gc.collect()
    assert plain and not any(weight() is not None for weight in plain), "nor does a gradient's graph keep them"
    held = sum(p.nbytes for p in model.parameters()) + sum(b.nbytes for b in model.buffers())
    embedding = model.get_input_embeddings().weight.nbytes
    assert held < 1.1 * embedding, "matrices live in the packed form alone"
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
