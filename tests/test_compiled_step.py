"""The compiled step computes what transformers' own layers do, with 8-bit weights, and row by row the same bits."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import (
    GemmaConfig,
    GemmaForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    SmolLM3Config,
    SmolLM3ForCausalLM,
)

from ert_core.compiled_step import CompiledStep, knows
from ert_core.growing_cache import new_cache

SHAPE = {
    "vocab_size": 300,
    "hidden_size": 224,
    "intermediate_size": 320,
    "num_hidden_layers": 4,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "head_dim": 32,
    "initializer_range": 0.1,  # so that attention is not a mean
    "pad_token_id": 0,
}
YARN = {"rope_type": "yarn", "factor": 4.0, "rope_theta": 1e4, "original_max_position_embeddings": 512}
MODELS = {
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(**SHAPE, tie_word_embeddings=True)),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(**SHAPE)),
    "llama": (LlamaForCausalLM, LlamaConfig(**SHAPE, mlp_bias=True, attention_bias=True)),
    "yarn": (LlamaForCausalLM, LlamaConfig(**SHAPE, rope_parameters=YARN)),
    "mistral": (MistralForCausalLM, MistralConfig(**SHAPE, sliding_window=None)),
    "smollm3": (SmolLM3ForCausalLM, SmolLM3Config(**SHAPE, no_rope_layer_interval=2)),
}
TOKENS = torch.randint(0, 300, (700,), generator=torch.Generator().manual_seed(1)).tolist()


def made(name: str, dtype: torch.dtype = torch.bfloat16) -> Any:
    kind, config = MODELS[name]
    torch.manual_seed(0)
    model = kind(copy.deepcopy(config)).to(dtype).eval()
    with torch.no_grad():  # biases and norms as trained models have them, not 0 and 1
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter += 0.2 * torch.randn_like(parameter)
    return model


@torch.inference_mode()
def plain(model: Any, *sizes: int) -> tuple[torch.Tensor, Any]:
    """The logits of every token, read in steps of these sizes, and the cache."""
    cache, begin, parts = new_cache(model.config), 0, []
    for size in sizes:
        tokens = torch.tensor([TOKENS[begin : begin + size]])
        parts.append(model(input_ids=tokens, past_key_values=cache, use_cache=True).logits[0])
        begin += size
    return torch.cat(parts).float(), cache


def continued(model: Any, step: CompiledStep, read: int, *sizes: int) -> tuple[torch.Tensor, Any]:
    """The logits after `read` tokens that the model itself reads, and the cache."""
    _, cache = plain(model, read)
    parts = []
    for size in sizes:
        begin = cache.get_seq_length()
        parts.append(step(TOKENS[begin : begin + size], cache))
    return torch.cat(parts), cache


def distance(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("name", MODELS)
def test_it_computes_what_the_layers_of_the_model_do(name: str, dtype: torch.dtype) -> None:
    model = made(name, dtype)
    assert knows(model)
    exact, _ = plain(made(name, torch.float32), 64, 6)
    right = exact[64:]
    logits, cache = continued(model, CompiledStep(model), 64, 1, 2, 3)
    assert logits.shape == right.shape and logits.dtype == torch.float32
    near = 0.12 if dtype == torch.bfloat16 else 0.08
    assert distance(logits, right) < near
    assert distance(plain(made(name, torch.float32), 63, 6)[0][63:], right) > 0.5, "a token away is far away"
    _, other = plain(model, 64, 6)
    assert cache.get_seq_length() == 70
    for mine, its in zip(cache.layers, other.layers, strict=True):
        assert mine.keys.dtype == dtype and mine.keys.shape == its.keys.shape
        assert distance(mine.keys[..., 64:, :].float(), its.keys[..., 64:, :].float()) < near
        assert distance(mine.values[..., 64:, :].float(), its.values[..., 64:, :].float()) < near
        assert torch.equal(mine.keys[..., :64, :], its.keys[..., :64, :]), "what was read stays"


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 8), min_size=1, max_size=8), st.integers(1, 2))
def test_several_tokens_have_the_bits_of_one_by_one_on_any_number_of_threads(sizes: list[int], threads: int) -> None:
    model, step, single = _single()
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        logits, _ = continued(model, step, 250, *sizes)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(logits, single[: sum(sizes)])


_kept: list[Any] = []


def _single() -> Any:
    if not _kept:
        model = made("qwen3")
        step = CompiledStep(model)
        # Over the end of the room that the cache makes at first.
        _kept.append((model, step, continued(model, step, 250, *[1] * 64)[0]))
    return _kept[0]


def test_a_cut_cache_is_continued_as_if_nothing_had_been_there() -> None:
    model = made("llama")
    step = CompiledStep(model)
    right, _ = continued(model, step, 60, 4)
    _, cache = continued(model, step, 60, 2)
    step([7, 8, 9], cache)
    cache.crop(-3)
    assert torch.equal(step(TOKENS[62:64], cache), right[2:])


def test_it_says_which_models_it_does_not_know() -> None:
    assert not knows(GemmaForCausalLM(GemmaConfig(**SHAPE)).bfloat16()), "its norms are others"
    experts = MixtralConfig(**{**SHAPE, "num_attention_heads": 14}, num_local_experts=2, num_experts_per_tok=1)
    assert not knows(MixtralForCausalLM(experts).bfloat16())
    windows = Qwen2Config(**SHAPE, use_sliding_window=True, sliding_window=16, max_window_layers=0)
    assert not knows(Qwen2ForCausalLM(windows).bfloat16())
    growing = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4, "original_max_position_embeddings": 512}
    assert not knows(LlamaForCausalLM(LlamaConfig(**SHAPE, rope_parameters=growing)).bfloat16())
    odd = {**SHAPE, "intermediate_size": 330}
    assert not knows(LlamaForCausalLM(LlamaConfig(**odd)).bfloat16()), "not a whole number of vectors"
    assert not knows(LlamaForCausalLM(LlamaConfig(**SHAPE, hidden_act="gelu")).bfloat16())
    assert not knows(LlamaForCausalLM(LlamaConfig(**SHAPE)).half())


def test_wide_layers_do_not_overflow() -> None:
    """The largest activations and weights, of one sign, in more than one block of an exact sum."""
    import numpy as np

    from ert_core.decoding_kernels import BLOCK, LARGEST, Matrices, multiply

    inputs = 3 * BLOCK + 32
    matrix = Matrices(np.full((1, 5, inputs), -127, np.int8), np.ones((1, 5), np.float32), np.ones((1, 5), np.float32))
    for rows in range(1, 9):
        x = np.full((rows, inputs), LARGEST, np.int16)
        y = np.empty((rows, 5), np.float32)
        multiply(matrix, 0, x, np.ones(rows, np.float32), y)
        assert (y == np.float32(-127 * LARGEST * inputs + 1)).all()


def test_a_cache_of_another_model_is_refused_not_written_over() -> None:
    step = CompiledStep(made("llama"))
    _, cache = plain(made("llama", torch.float32), 20)
    with pytest.raises(ValueError, match="layers"):
        step([1], cache)


@pytest.mark.thorough
def test_where_nothing_can_be_kept_the_model_itself_writes(tmp_path: Path) -> None:
    """A folder that cannot be made; and files that a crash has cut, which go, so that the next start is well."""
    import subprocess
    import sys

    home = tmp_path / "home"
    code = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from ert_core.compiled_step import compiled_step
from test_compiled_step import made
print(compiled_step(made("llama"), Path({str(home)!r})) is not None)
"""

    def made_it() -> str:
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return run.stdout.strip()

    home.write_text("not a folder")
    assert made_it() == "False"
    home.unlink()
    assert made_it() == "True"
    indexes = list(home.glob("compiled/*/*/*.nbi"))
    assert indexes
    for index in indexes:
        index.write_bytes(b"")
    assert made_it() == "False" and not list(home.glob("compiled/*"))
    assert made_it() == "True"


@pytest.mark.thorough
def test_what_another_process_has_compiled_is_kept_in_the_data_directory_and_read(tmp_path: Path) -> None:
    """Compiling takes a whole core for seconds, and only a process of its own can be held to the budget."""
    import subprocess
    import sys

    stale = tmp_path / "compiled" / "0123456789abcdef"
    stale.mkdir(parents=True)
    for dtype in ("bfloat16", "float32"):
        code = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
import torch
from ert_core.compiled_step import compiled_step
from test_compiled_step import made
compiled_step(made("qwen2", torch.{dtype}), Path({str(tmp_path)!r}))
from ert_core.decoding_kernels import step
print(sum(step.stats.cache_hits.values()), sum(step.stats.cache_misses.values()), step.stats.cache_path)
"""
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        hits, misses, path = run.stdout.split()
        assert (hits, misses) == ("1", "0"), run.stderr
        (kept,) = (tmp_path / "compiled").iterdir()
        assert path.startswith(str(kept)), "what older sources were compiled to goes"
