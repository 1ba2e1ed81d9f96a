from __future__ import annotations

import pytest

from ert_core.model_catalogue import CATALOGUE, SUGGESTED_SHARE, suggest
from ert_core.model_download import is_hub_id

# Published architectures: vocabulary, hidden, intermediate, layers, heads, key/value heads, head size.
SHAPES = {
    "Qwen/Qwen2.5-0.5B-Instruct": ("qwen2", 151936, 896, 4864, 24, 14, 2, 64),
    "Qwen/Qwen2.5-1.5B-Instruct": ("qwen2", 151936, 1536, 8960, 28, 12, 2, 128),
    "Qwen/Qwen3-0.6B": ("qwen3", 151936, 1024, 3072, 28, 16, 8, 128),
    "Qwen/Qwen3-1.7B": ("qwen3", 151936, 2048, 6144, 28, 16, 8, 128),
    "HuggingFaceTB/SmolLM3-3B": ("smollm3", 128256, 2048, 11008, 36, 16, 4, 128),
}


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
def test_the_figures_follow_from_the_architecture(entry):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    kind, vocabulary, hidden, intermediate, layers, heads, key_value_heads, head = SHAPES[entry.id]
    config = AutoConfig.for_model(
        kind,
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=intermediate,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=key_value_heads,
        tie_word_embeddings=True,
        pad_token_id=0,
        **({"head_dim": head} if kind == "qwen3" else {}),
    )
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    assert sum(parameter.numel() for parameter in model.parameters()) == entry.parameters
    assert entry.cache_numbers == 2 * layers * key_value_heads * head
    # bfloat16 weights, perhaps the shared embedding a second time, and a few megabytes of tokenizer.
    weights = 2 * entry.parameters
    once, twice = weights, weights + 2 * vocabulary * hidden
    assert min(abs(entry.download_bytes - once), abs(entry.download_bytes - twice)) < 30_000_000


def test_entries_are_open_bilingual_and_well_formed():
    assert len({entry.id for entry in CATALOGUE}) == len(CATALOGUE) >= 4
    for entry in CATALOGUE:
        assert is_hub_id(entry.id)
        assert entry.licence == "Apache-2.0"
        assert {"fr", "en"} <= set(entry.languages)
        assert 2 * entry.parameters < entry.memory_bytes < entry.memory_bytes_as("float32")
        assert entry.context >= 32_768


def test_more_memory_never_suggests_a_smaller_model():
    sizes = [suggest(gigabytes * 10**9).parameters for gigabytes in range(1, 33)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 2


def test_the_suggestion_leaves_memory_to_the_machine():
    for gigabytes in range(4, 33):
        entry = suggest(gigabytes * 10**9)
        assert entry.memory_bytes <= SUGGESTED_SHARE * gigabytes * 10**9
        assert entry.suggested


def test_a_machine_that_is_too_small_is_shown_the_smallest():
    assert suggest(0).id == "Qwen/Qwen2.5-0.5B-Instruct"


def test_a_machine_that_computes_in_float32_is_suggested_a_smaller_model():
    assert suggest(7 * 10**9, "float32").parameters < suggest(7 * 10**9).parameters
