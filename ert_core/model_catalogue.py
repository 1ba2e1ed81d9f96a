"""Small instruct models with open licences that write French and English, with what they ask of a machine.

Parameters are computed from the published architectures (torch's meta device), sizes from what the
repositories store: Qwen3 below 4B stores the shared embedding twice, Qwen2.5 once. SmolLM2 is left
out (English only), Qwen2.5-3B too (research licence).
"""

from __future__ import annotations

from dataclasses import dataclass

from ert_core.devices import DTYPE_BYTES
from ert_core.model_memory import RUNTIME_BYTES

# What a conversation with passages takes, in tokens: what the memory need counts with.
CONVERSATION_TOKENS = 4096
# Share of the free memory that a suggested model may take: the machine stays usable.
SUGGESTED_SHARE = 0.6


@dataclass(frozen=True)
class CatalogueEntry:
    """One model to choose. Sizes are bytes, `context` is tokens, `cache_numbers` a token's key/value numbers."""

    id: str
    title: str
    licence: str
    languages: tuple[str, ...]
    parameters: int
    download_bytes: int
    context: int
    cache_numbers: int
    suggested: bool = True

    @property
    def memory_bytes(self) -> int:
        """Memory to run it in bfloat16, with a conversation of usual length."""
        return self.memory_bytes_as("bfloat16")

    def memory_bytes_as(self, dtype: str) -> int:
        """Memory to run it held as `dtype` (twice the weights in float32)."""
        numbers = self.parameters + CONVERSATION_TOKENS * self.cache_numbers
        return numbers * DTYPE_BYTES[dtype] + RUNTIME_BYTES


# Best first: the first one that fits is suggested.
CATALOGUE = (
    CatalogueEntry(
        id="HuggingFaceTB/SmolLM3-3B",
        title="SmolLM3 3B",
        licence="Apache-2.0",
        languages=("fr", "en", "es", "de", "it", "pt"),
        parameters=3_075_098_624,
        download_bytes=6_170_000_000,
        context=65_536,
        cache_numbers=2 * 36 * 4 * 128,
        # Well under 5 tokens/s on a laptop without GPU: there to be chosen, not suggested.
        suggested=False,
    ),
    CatalogueEntry(
        id="Qwen/Qwen3-1.7B",
        title="Qwen3 1.7B",
        licence="Apache-2.0",
        languages=("fr", "en", "+100"),
        parameters=1_720_574_976,
        download_bytes=4_080_000_000,
        context=40_960,
        cache_numbers=2 * 28 * 8 * 128,
    ),
    CatalogueEntry(
        id="Qwen/Qwen2.5-1.5B-Instruct",
        title="Qwen2.5 1.5B Instruct",
        licence="Apache-2.0",
        languages=("fr", "en", "+27"),
        parameters=1_543_714_304,
        download_bytes=3_100_000_000,
        context=32_768,
        cache_numbers=2 * 28 * 2 * 128,
    ),
    CatalogueEntry(
        id="Qwen/Qwen3-0.6B",
        title="Qwen3 0.6B",
        licence="Apache-2.0",
        languages=("fr", "en", "+100"),
        parameters=596_049_920,
        download_bytes=1_520_000_000,
        context=40_960,
        cache_numbers=2 * 28 * 8 * 128,
    ),
    CatalogueEntry(
        id="Qwen/Qwen2.5-0.5B-Instruct",
        title="Qwen2.5 0.5B Instruct",
        licence="Apache-2.0",
        languages=("fr", "en", "+27"),
        parameters=494_032_768,
        download_bytes=1_000_000_000,
        context=32_768,
        cache_numbers=2 * 24 * 2 * 64,
    ),
)


def suggest(available_bytes: int, dtype: str = "bfloat16") -> CatalogueEntry:
    """The best model that leaves the machine usable, or the smallest when none does.

    `dtype` is what the machine holds weights in ("float32" where bfloat16 would be slow).
    """
    for entry in CATALOGUE:
        if entry.suggested and entry.memory_bytes_as(dtype) <= SUGGESTED_SHARE * available_bytes:
            return entry
    return min(CATALOGUE, key=lambda entry: entry.memory_bytes_as(dtype))
