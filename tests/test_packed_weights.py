"""Weights in the processor's forms give the products of the plain ones, as exactly as each form promises."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from ert_core.packed_weights import FEW_ROWS, Int8Weights, PackedWeights, can_pack, int8_pays

needs_bfloat16 = pytest.mark.skipif(not can_pack(), reason="this processor has no bfloat16 kernels")
needs_int8 = pytest.mark.skipif(not int8_pays(), reason="this processor has no 8-bit instructions")


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@needs_bfloat16
@pytest.mark.parametrize("rows", [1, 3, 40, 513])
def test_packed_weights_give_the_plain_product(rows: int) -> None:
    weight, bias = random(96, 64).bfloat16(), random(96, seed=1).bfloat16()
    x = random(1, rows, 64, seed=2).bfloat16()
    packed = PackedWeights(weight, bias, 512)
    right = F.linear(x.float(), weight.float(), bias.float())
    assert packed(x).dtype == torch.bfloat16
    torch.testing.assert_close(packed(x).float(), right, rtol=0.01, atol=0.01)
    torch.testing.assert_close(packed(x, "swish").float(), F.silu(right), rtol=0.01, atol=0.01)
    other = random(1, rows, 96, seed=3).bfloat16()
    torch.testing.assert_close(packed.times(x, other).float(), right * other.float(), rtol=0.01, atol=0.02)
    assert not torch.allclose(packed(x).float(), F.linear(x, weight).float(), atol=0.01), "the bias counts"


@needs_int8
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_8_bit_weights_round_the_weights_and_nothing_else(dtype: torch.dtype) -> None:
    weight, bias = random(100, 300), random(100, seed=1)
    x = random(1, 2, 300, seed=2).to(dtype)
    x[..., 7] *= 50  # real models have such columns: they must not cost the others their precision
    scales = weight.abs().amax(dim=1, keepdim=True) / 127
    rounded = (weight / scales).round() * scales
    made = Int8Weights(weight, bias)(x)
    assert made.dtype == dtype and made.shape == (1, 2, 100)
    right = F.linear(x.float(), rounded, bias)
    error = (made.float() - right).norm() / right.norm()
    assert error < (1e-3 if dtype == torch.float32 else 4e-3)
    assert (F.linear(x.float(), weight, bias) - right).norm() / right.norm() > 2e-3, "rounding weights is what costs"


@needs_int8
@settings(deadline=None, max_examples=30)
@given(st.integers(1, FEW_ROWS), st.integers(0, 1000))
def test_a_row_has_the_same_bits_in_any_company(rows: int, seed: int) -> None:
    weights = Int8Weights(random(64, 200), None)
    x = random(rows, 200, seed=seed).bfloat16()
    assert torch.equal(weights(x), torch.cat([weights(row[None]) for row in x]))


@needs_int8
@pytest.mark.parametrize("outputs", [1, 5, 64, 300, 2000])
def test_products_of_few_results_are_filled_up_and_right(outputs: int) -> None:
    weight, x = random(outputs, 96), random(2, 96, seed=1)
    weights = Int8Weights(weight, None)
    torch.testing.assert_close(weights(x), F.linear(x, weight), rtol=0.05, atol=0.3)
    assert torch.equal(weights(x)[1:], weights(x[1:])) and weights(x).shape == (2, outputs)


@needs_int8
def test_rows_of_zeros_and_unused_outputs_are_zero() -> None:
    weight = random(8, 32)
    weight[3] = 0
    made = Int8Weights(weight, None)(torch.stack([torch.zeros(32), torch.ones(32)]))
    assert not made[0].any() and made[1, 3] == 0 and made[1, 2] != 0


@needs_int8
def test_a_matrix_converted_in_parts_is_the_matrix_converted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    weight, x = random(100, 64), random(2, 64, seed=1)
    whole = Int8Weights(weight, None)(x)
    monkeypatch.setattr("ert_core.packed_weights._AT_ONCE", 64 * 7)
    assert torch.equal(Int8Weights(weight, None)(x), whole)
