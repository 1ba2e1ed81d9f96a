"""A key/value cache that keeps room for the tokens to come.

transformers' own copies all keys and values of a layer for each token: 27 MB a token at 1,100 tokens of the 0.5B shape.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

# Tokens of room made at once, at least.
_ROOM = 256


def new_cache(config: Any) -> DynamicCache:
    """An empty cache for a model of `config`; layers that keep all tokens are `GrowingLayer`s."""
    cache = DynamicCache(config=config)
    cache.layers = [GrowingLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


class GrowingLayer(DynamicLayer):  # type: ignore[misc]  # transformers' caches are untyped
    """Keys and values of one layer, each of shape (1, heads, tokens, head size): the beginning of a larger tensor."""

    keys: torch.Tensor
    values: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self._room: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append, and return all keys and values."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        begin = self.get_seq_length()
        end = begin + key_states.shape[-2]
        keys, values = self._room_until(end, key_states, value_states)
        keys[..., begin:end, :] = key_states
        values[..., begin:end, :] = value_states
        self.written(end - begin)
        return self.keys, self.values

    def room_for(self, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Tensors that begin with the keys and values held and have room for so many more tokens; none is added yet."""
        return self._room_until(self.get_seq_length() + tokens, self.keys, self.values)

    def written(self, tokens: int) -> None:
        """Count so many more tokens, whose keys and values are in the room already."""
        assert self._room is not None
        end = self.get_seq_length() + tokens
        self.keys, self.values = (part[..., :end, :] for part in self._room)

    def reset(self) -> None:
        """Let go of everything."""
        super().reset()
        self._room = None

    def _room_until(self, end: int, keys: torch.Tensor, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The room, made larger where it is for less than `end` tokens; `keys` and `values` say their shapes."""
        if self._room is None or end > self._room[0].shape[-2]:
            self._room = (self._larger(keys, self.keys, end), self._larger(values, self.values, end))
        return self._room

    @staticmethod
    def _larger(states: torch.Tensor, held: torch.Tensor, end: int) -> torch.Tensor:
        room = states.new_empty(*states.shape[:-2], end + max(_ROOM, end // 4), states.shape[-1])
        if held.numel():
            room[..., : held.shape[-2], :] = held
        return room


def keeps_all_tokens(cache: DynamicCache) -> bool:
    """Whether every layer simply keeps the keys and values of all tokens.

    Layers with a sliding window, a state or numbers of their own kind cannot be cut at any token.
    """
    return bool(cache.layers) and all(type(layer) in (DynamicLayer, GrowingLayer) for layer in cache.layers)
