"""Weights of linear layers in the forms that the processor multiplies fastest with.

`PackedWeights` serves many rows at once (the chunks of a prompt): bfloat16, laid out once for the matrix units,
where torch alone would lay them out, or take a slower kernel, at every call. `Int8Weights` serves few rows (the
tokens of an answer), where the time goes into reading weights: half the bytes of bfloat16, a quarter of float32.
Both are kernels of oneDNN, which torch brings along.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ert_core.devices import cpu_flags

if TYPE_CHECKING:
    import torch

# Flags of processors that multiply 8-bit integers four at a time or better (Intel and AMD).
INT8_FLAGS = {"avx_vnni", "avx512_vnni", "amx_int8"}
# Most rows that cost no more than one: twice as many, an activation's two halves, fill one tile of AMX.
FEW_ROWS = 8
# An activation is held as two 8-bit integers, high and low: 15 bits and a sign.
_LOW = 128
_LARGEST = 127 * _LOW
# oneDNN computes products of fewer results without vectors, 100 times slower; rows of zeros are added to them.
_LEAST_RESULTS = 1024
# Numbers converted at once: float32 copies of a whole large matrix would be memory that nothing else needs.
_AT_ONCE = 1 << 20


def can_pack() -> bool:
    """Whether this build of torch can lay out bfloat16 weights for this processor."""
    import torch

    return bool(torch._C._has_mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def int8_pays() -> bool:
    """Whether this processor has instructions for 8-bit integers that oneDNN uses without loss."""
    import torch

    return bool(torch._C._has_mkldnn and cpu_flags() & INT8_FLAGS)


class PackedWeights:
    """bfloat16 weights of shape (outputs, inputs), laid out for products of about `rows` rows."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None, rows: int) -> None:
        import torch

        self._multiply = torch.ops.mkldnn._linear_pointwise
        # Detached: a gradient's graph would keep the weights as they were, beside the ones laid out.
        self._weights = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous(), rows)
        self._bias = None if bias is None else bias.detach()

    def __call__(self, x: torch.Tensor, activation: str = "none") -> torch.Tensor:
        """The product for `x` of shape (..., inputs), then "none" or "swish" (SiLU), before it is rounded."""
        y: torch.Tensor = self._multiply(x, self._weights, self._bias, activation, [], "")
        return y

    def times(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """The product for `x`, multiplied by `other` before it is rounded."""
        y: torch.Tensor = self._multiply.binary(x, other, self._weights, self._bias, "mul")
        return y


class Int8Weights:
    """Weights of shape (outputs, inputs) as 8-bit integers, one scale an output; activations keep 16 bits.

    An activation is split into a high and a low 8-bit half, two rows of one product whose sums are exact integers:
    only the weights are rounded, and a row's result does not depend on the rows beside it.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        import torch

        parts = list(in_8_bits(weight))
        integers = torch.cat([q for q, _ in parts])
        self._scales = torch.cat([scales for _, scales in parts])
        self._zeros = torch.zeros(len(self._scales), dtype=torch.int32)
        self._weights = torch.ops.onednn.qlinear_prepack(integers, None)
        self._multiply = torch.ops.onednn.qlinear_pointwise
        self._bias = None if bias is None else bias.float()
        self._least_rows = min(2 * FEW_ROWS, -(-_LEAST_RESULTS // len(self._scales)))

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The product for `x` of shape (..., inputs), in the type of `x`."""
        import torch

        rows = x.reshape(-1, x.shape[-1])
        n = len(rows)
        scales = rows.abs().amax(dim=-1, keepdim=True).float().clamp_min_(1e-30).div_(_LARGEST)
        whole = (rows / scales).round_()
        high = (whole / _LOW).round_()
        parts = [high, whole.sub_(high, alpha=_LOW)]
        if 2 * n < self._least_rows:
            parts.append(whole.new_zeros(self._least_rows - 2 * n, rows.shape[1]))
        halves = torch.cat(parts).to(torch.int8)
        y: torch.Tensor = self._multiply(
            halves, 1.0, 0, self._weights, self._scales, self._zeros, None, 1.0, 0, torch.float32, "none", [], ""
        )
        y = y[n : 2 * n].add_(y[:n], alpha=_LOW).mul_(scales)
        if self._bias is not None:
            y += self._bias
        return y.to(x.dtype).view(*x.shape[:-1], -1)


def in_8_bits(weight: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Some rows of `weight` after the other: as int8, and the scale of each, float32."""
    import torch

    for rows in torch.split(weight.detach(), max(1, _AT_ONCE // weight.shape[1])):
        scales = rows.abs().amax(dim=1).float().clamp_min_(1e-30) / 127
        yield rows.to(torch.float32, copy=True).div_(scales[:, None]).round_().to(torch.int8), scales
