"""The cache with room ahead holds what transformers' own would hold."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import DynamicCache, Qwen2Config

from ert_core.growing_cache import keeps_all_tokens, new_cache

CONFIG = Qwen2Config(num_hidden_layers=2)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 5)), max_size=8))
def test_it_holds_what_the_plain_cache_holds(steps: list[tuple[int, int]]) -> None:
    plain, mine = DynamicCache(config=CONFIG), new_cache(CONFIG)
    number = 0.0
    for tokens, taken_back in steps:
        for layer in range(2):
            keys = torch.arange(2 * tokens, dtype=torch.float32).view(1, 2, tokens, 1) + number
            number += 1
            for one, other in zip(plain.update(keys, -keys, layer), mine.update(keys, -keys, layer), strict=True):
                assert torch.equal(one, other)
        if taken_back and plain.get_seq_length() > taken_back:
            plain.crop(-taken_back)
            mine.crop(-taken_back)
        assert mine.get_seq_length() == plain.get_seq_length()


def test_room_is_made_seldom_and_reset_lets_go() -> None:
    cache = new_cache(CONFIG)
    places = set()
    for _ in range(200):
        keys, _ = cache.update(torch.zeros(1, 2, 1, 4), torch.zeros(1, 2, 1, 4), 0)
        places.add(keys.data_ptr())
    assert len(places) == 1
    cache.layers[0].reset()
    assert cache.layers[0].get_seq_length() == 0 and cache.layers[0]._room is None


def test_windows_stay_transformers_own() -> None:
    sliding = Qwen2Config(num_hidden_layers=2, use_sliding_window=True, sliding_window=8, max_window_layers=1)
    assert keeps_all_tokens(new_cache(CONFIG))
    assert not keeps_all_tokens(new_cache(sliding))
