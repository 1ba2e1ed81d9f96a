"""Attention of few rows over a long cache: one row at a time, on the key/value heads as they are.

One row is what writing an answer computes. torch's kernel gives the rows of a block other roundings than the same
rows alone, so that a block of tokens, checked at once, would not be written bit for bit as one by one.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from ert_core.growing_cache import keeps_all_tokens, new_cache
from ert_core.packed_weights import FEW_ROWS

_NAME = "ert_few_rows"


def use_row_attention(model: Any) -> bool:
    """Let `model` attend row by row where rows are few; whether it does (full causal attention by SDPA only)."""
    if model.config._attn_implementation != "sdpa" or not keeps_all_tokens(new_cache(model.config)):
        return False
    AttentionInterface.register(_NAME, _attend)
    AttentionMaskInterface.register(_NAME, sdpa_mask)
    model.set_attn_implementation(_NAME)
    return True


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """As transformers' `sdpa_attention_forward`; the mask is the causal one, of a single text."""
    rows, tokens = query.shape[2], key.shape[2]
    if rows > FEW_ROWS:
        attended: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **others
        )
        return attended
    heads = key.shape[1]
    parts = []
    for row in range(rows):
        seen = tokens - rows + row + 1
        # (1, heads, row, size) -> (1, key/value heads, heads that share one, size)
        alone = query[:, :, row].reshape(1, heads, -1, query.shape[-1])
        part = F.scaled_dot_product_attention(alone, key[:, :, :seen], value[:, :, :seen], scale=scaling)
        parts.append(part.reshape(1, 1, query.shape[1], -1))
    return parts[0] if rows == 1 else torch.cat(parts, dim=1), None
