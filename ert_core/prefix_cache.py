"""Key/value pairs of prompts read before, kept for prompts that begin the same.

A prompt is read in chunks that begin at multiples of a fixed number of tokens. What is kept is one block for
each whole chunk; a chunk's keys and values depend on its own tokens and on those before it, and are computed
by the same operations on the same shapes whether the prompt is read from its start or from a later chunk. A
prompt read from kept blocks is therefore continued with the very bits of a cold run, in any data type. What
rounds differently is not mixed: the tokens of an answer, computed one by one, are read again as a prompt, and
blocks computed with another number of threads (a matrix product is split among them) are not found.

Blocks are never changed and stand in a tree, under the block of the tokens before them: conversations share
what they begin with and cannot damage each other's. The least recently used go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ert_core.decoding import DecodingStep, TokenChooser, decode

if TYPE_CHECKING:
    import torch

# Most bytes kept: the 0.5B model's 12 kB a token make 43,000 tokens of it, the 57 kB of a 7B one 9,000.
MOST_BYTES = 512_000_000
# And never more than this share of what the machine had left when the model was in memory.
MEMORY_SHARE = 0.125

# The number of the block before (of the first: minus the number of threads), and the tokens of the chunk.
_Key = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class _Block:
    """Keys and values of one chunk, a pair a layer, each of shape (1, key/value heads, tokens, head size)."""

    number: int
    layers: tuple[tuple[torch.Tensor, torch.Tensor], ...]
    size: int


class PrefixCache:
    """The blocks of one model on one device, at most `limit` bytes of them, in chunks of `chunk` tokens.

    Not thread-safe: it is used under the lock of its model.
    """

    def __init__(self, limit: int, chunk: int) -> None:
        self.limit = limit
        self.size = 0
        self._chunk = chunk
        # The least recently used first. A block is used with all those before it and marked ahead of them, so
        # that the first one never has another under it that can still be found.
        self._blocks: OrderedDict[_Key, _Block] = OrderedDict()
        self._made = 0

    def restore(self, prompt: Sequence[int], cache: Any, threads: int) -> int:
        """Fill the empty `cache` with the longest beginning of `prompt` kept for `threads`; returns its tokens.

        Never the whole prompt: its last token has to be computed, for the answer to begin.
        """
        if not can_hold(cache):
            return 0
        found = self._find(prompt, (len(prompt) - 1) // self._chunk, threads)
        self._mark_used([key for key, _ in found])
        if found:
            import torch

            for layer in range(len(cache.layers)):
                pairs = [block.layers[layer] for _, block in found]
                keys, values = (torch.cat(parts, dim=-2) for parts in zip(*pairs, strict=True))
                cache.update(keys, values, layer)
        return len(found) * self._chunk

    def keep(self, prompt: Sequence[int], cache: Any, threads: int) -> None:
        """Keep the whole chunks of `prompt` that `cache` holds, computed with `threads`.

        What stands in the cache after them is not looked at.
        """
        if not can_hold(cache):
            return
        whole = min(len(prompt), cache.get_seq_length()) // self._chunk
        keys = [key for key, _ in self._find(prompt, whole, threads)]
        parent = self._blocks[keys[-1]].number if keys else -threads
        for n in range(len(keys), whole):
            block = self._copy(cache, n)
            if self.size + block.size > self.limit:
                self._mark_used(keys)  # so that another conversation's blocks go, not those before this one
                self._make_room(block.size, keep=len(keys))
                if self.size + block.size > self.limit:
                    break
            key = (parent, self._tokens(prompt, n))
            self._blocks[key] = block
            self.size += block.size
            parent = block.number
            keys.append(key)
        self._mark_used(keys)

    def clear(self) -> None:
        """Let go of everything."""
        self._blocks.clear()
        self.size = 0

    def _find(self, prompt: Sequence[int], chunks: int, threads: int) -> list[tuple[_Key, _Block]]:
        """The blocks of the first `chunks` chunks of `prompt`, as far as they are kept without a gap."""
        found: list[tuple[_Key, _Block]] = []
        parent = -threads
        for n in range(chunks):
            key = (parent, self._tokens(prompt, n))
            block = self._blocks.get(key)
            if block is None:
                break
            found.append((key, block))
            parent = block.number
        return found

    def _tokens(self, prompt: Sequence[int], n: int) -> tuple[int, ...]:
        return tuple(prompt[n * self._chunk : (n + 1) * self._chunk])

    def _copy(self, cache: Any, n: int) -> _Block:
        places = slice(n * self._chunk, (n + 1) * self._chunk)
        layers = tuple((x.keys[..., places, :].clone(), x.values[..., places, :].clone()) for x in cache.layers)
        self._made += 1
        return _Block(self._made, layers, sum(part.nbytes for pair in layers for part in pair))

    def _mark_used(self, keys: Sequence[_Key]) -> None:
        for key in reversed(keys):
            self._blocks.move_to_end(key)

    def _make_room(self, size: int, keep: int) -> None:
        """Drop blocks until `size` more bytes fit or only the `keep` most recently used ones are left."""
        while self.size + size > self.limit and len(self._blocks) > keep:
            _, block = self._blocks.popitem(last=False)
            self.size -= block.size


def can_hold(cache: Any) -> bool:
    """Whether every layer of a transformers cache simply keeps the keys and values of all tokens.

    Layers with a sliding window, a state or numbers of their own kind cannot be cut at any token: no reuse.
    """
    from transformers.cache_utils import DynamicLayer

    return bool(cache.layers) and all(type(layer) is DynamicLayer for layer in cache.layers)


def cache_limit(config: Any, available: int) -> int:
    """Bytes to keep at most for a model of `config`, when `available` bytes are left beside its weights."""
    from transformers import DynamicCache

    return max(0, min(MOST_BYTES, int(available * MEMORY_SHARE))) if can_hold(DynamicCache(config=config)) else 0


def decode_reusing(
    kept: PrefixCache, model: Any, prompt: Sequence[int], choose: TokenChooser, **limits: Any
) -> Generator[DecodingStep, None, None]:
    """Decode from what is kept of `prompt`, and keep what is read of it, of a stopped answer too.

    `limits` are those of `decode`.
    """
    import torch
    from transformers import DynamicCache

    threads = torch.get_num_threads()
    cache = DynamicCache(config=model.config)
    with torch.inference_mode():
        read = kept.restore(prompt, cache, threads)
    steady = True
    try:
        for step in decode(model, prompt, choose, cache=cache, **limits):
            steady = steady and torch.get_num_threads() == threads
            if steady:
                read = step.prompt_read
            yield step
    except Exception:
        read = 0
        kept.clear()  # it may have been memory that was short
        raise
    finally:
        with torch.inference_mode():
            kept.keep(prompt[:read], cache, threads)
