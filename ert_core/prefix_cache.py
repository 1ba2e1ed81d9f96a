"""Key/value pairs of prompts read before, kept for prompts that begin the same.

A prompt is read in pieces (`prompt_chunks`), and what is kept is one block for each piece; a piece's keys and values
depend on its own tokens and on those before it, and are computed by the same operations on the same shapes
whether the prompt is read from its start or from a later piece. A prompt read from kept blocks is therefore
continued with the very bits of a cold run, in any data type. What rounds differently is not mixed: the tokens of an
answer, computed one by one, are read again as a prompt, and blocks computed with another number of threads (a matrix
product is split among them) are not found.

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

# The number of the block before (of the first: minus the number of threads), and the tokens of the piece.
_Key = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class _Block:
    """Keys and values of one piece, a pair a layer, each of shape (1, key/value heads, tokens, head size)."""

    number: int
    layers: tuple[tuple[torch.Tensor, torch.Tensor], ...]
    size: int


class PrefixCache:
    """The blocks of one model on one device, at most `limit` bytes of them.

    Not thread-safe: it is used under the lock of its model.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        # The least recently used first. A block is used with all those before it and marked ahead of them, so
        # that the first one never has another under it that can still be found.
        self._blocks: OrderedDict[_Key, _Block] = OrderedDict()
        self._made = 0

    def restore(self, prompt: Sequence[int], ends: Sequence[int], cache: Any, threads: int) -> int:
        """Fill the empty `cache` with the longest beginning of `prompt` kept for `threads`; returns its tokens.

        `ends` are the ends of the prompt's pieces. Never the whole prompt: its last token has to be computed, for the
        answer to begin.
        """
        if not can_hold(cache):
            return 0
        ends = [end for end in ends if end < len(prompt)]
        found = self._find(prompt, ends, threads)
        self._mark_used([key for key, _ in found])
        if not found:
            return 0
        import torch

        for layer in range(len(cache.layers)):
            pairs = [block.layers[layer] for _, block in found]
            keys, values = (torch.cat(parts, dim=-2) for parts in zip(*pairs, strict=True))
            cache.update(keys, values, layer)
        return ends[len(found) - 1]

    def keep(self, prompt: Sequence[int], ends: Sequence[int], cache: Any, threads: int) -> None:
        """Keep the pieces of `prompt` that `cache` holds, which end at `ends`, computed with `threads`.

        What stands in the cache after them is not looked at.
        """
        if not can_hold(cache):
            return
        held = min(len(prompt), cache.get_seq_length())
        ends = [end for end in ends if end <= held]
        keys = [key for key, _ in self._find(prompt, ends, threads)]
        parent = self._blocks[keys[-1]].number if keys else -threads
        for begin, end in list(zip([0, *ends], ends, strict=False))[len(keys) :]:
            block = self._copy(cache, slice(begin, end))
            if self.size + block.size > self.limit:
                self._mark_used(keys)  # so that another conversation's blocks go, not those before this one
                self._make_room(block.size, keep=len(keys))
                if self.size + block.size > self.limit:
                    break
            key = (parent, tuple(prompt[begin:end]))
            self._blocks[key] = block
            self.size += block.size
            parent = block.number
            keys.append(key)
        self._mark_used(keys)

    def clear(self) -> None:
        """Let go of everything."""
        self._blocks.clear()
        self.size = 0

    def _find(self, prompt: Sequence[int], ends: Sequence[int], threads: int) -> list[tuple[_Key, _Block]]:
        """The blocks of the first pieces of `prompt`, as far as they are kept without a gap."""
        found: list[tuple[_Key, _Block]] = []
        parent = -threads
        for begin, end in zip([0, *ends], ends, strict=False):
            key = (parent, tuple(prompt[begin:end]))
            block = self._blocks.get(key)
            if block is None:
                break
            found.append((key, block))
            parent = block.number
        return found

    def _copy(self, cache: Any, places: slice) -> _Block:
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
    """Whether a cache of transformers can be cut at any token; else nothing is reused."""
    from ert_core.growing_cache import keeps_all_tokens

    return keeps_all_tokens(cache)


def cache_limit(config: Any, available: int) -> int:
    """Bytes to keep at most for a model of `config`, when `available` bytes are left beside its weights."""
    from ert_core.growing_cache import new_cache

    return max(0, min(MOST_BYTES, int(available * MEMORY_SHARE))) if can_hold(new_cache(config)) else 0


def decode_reusing(
    kept: PrefixCache, model: Any, prompt: Sequence[int], choose: TokenChooser, *, pieces: Sequence[int], **others: Any
) -> Generator[DecodingStep, None, None]:
    """Decode from what is kept of `prompt`, and keep what is read of it, of a stopped answer too.

    Arguments are those of `decode`.
    """
    import torch

    from ert_core.growing_cache import new_cache

    threads = torch.get_num_threads()
    cache = new_cache(model.config)
    with torch.inference_mode():
        read = kept.restore(prompt, pieces, cache, threads)
    steady = True
    try:
        for step in decode(model, prompt, choose, cache=cache, pieces=pieces, **others):
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
            kept.keep(prompt[:read], pieces, cache, threads)
