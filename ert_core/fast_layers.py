"""Replaces a language model's linear layers by faster ones, on the CPU: `speed_up`.

Everything else, what an attention or a layer is, stays transformers' own. Layers that read the same input (query,
key and value; gate and up) become one product. A model that was sped up cannot be moved to another device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from transformers.activations import SiLUActivation

from ert_core.cpu_budget import pause
from ert_core.model_memory import PROMPT_CHUNK
from ert_core.packed_weights import FEW_ROWS, Int8Weights, PackedWeights, can_pack

# Children of one module that are given the same input, by the names that transformers' models share.
_SAME_INPUT = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"))
_GATED = {"gate_proj", "up_proj", "down_proj", "act_fn"}


def speed_up(model: Any, *, int8: bool) -> bool:
    """Replace the linear layers of `model`, layer by layer; whether that was all that holds weights in its layers.

    The weights exist twice for one layer at a time. bfloat16 weights are laid out for the processor where torch
    can; with `int8`, few rows at a time are multiplied with 8-bit copies of the weights. The CPU budget is kept.
    """
    packed = model.dtype == torch.bfloat16 and can_pack()
    if not packed and not int8:
        return False
    layers = next((part for part in model.modules() if isinstance(part, nn.ModuleList)), nn.ModuleList())
    for layer in layers:
        for name, part in list(layer.named_modules()):
            pause()
            if packed and _is_gated(part):
                layer.set_submodule(name, _GatedMLP(part, int8=int8))
            else:
                _replace_children(part, packed=packed, int8=int8)
    head = model.get_output_embeddings()
    if type(head) is nn.Linear:
        model.set_output_embeddings(_Head(head, int8=int8))
    # Matrices that are left, such as those of experts, give rows other roundings in other company.
    return all(parameter.dim() < 2 for parameter in layers.parameters())


def _is_gated(part: nn.Module) -> bool:
    """Whether `part` is down(silu(gate(x)) * up(x)), as Llama's descendants write it."""
    children = dict(part.named_children())
    return (
        set(children) == _GATED
        and isinstance(children["act_fn"], (nn.SiLU, SiLUActivation))
        and all(type(children[name]) is nn.Linear for name in _GATED - {"act_fn"})
    )


def _replace_children(parent: nn.Module, *, packed: bool, int8: bool) -> None:
    linear = {name: child for name, child in parent.named_children() if type(child) is nn.Linear}
    for names in _SAME_INPUT:
        if set(names) <= set(linear):
            shared = _Shared([linear.pop(name) for name in names], packed=packed, int8=int8)
            for n, name in enumerate(names):
                setattr(parent, name, _Part(shared, n))
    for name, child in linear.items():
        # A router over experts has no such name, and is left as it is.
        if name.endswith("_proj"):
            setattr(parent, name, _Linear(child, packed=packed, int8=int8))


class _Linear(nn.Module):
    """A linear layer, or several that read the same input, one after the other in its outputs."""

    def __init__(self, *layers: nn.Linear, packed: bool, int8: bool) -> None:
        super().__init__()
        weight, bias = _joined(layers)
        self._few = Int8Weights(weight, bias) if int8 else None
        self._many: Callable[[torch.Tensor], torch.Tensor] = (
            PackedWeights(weight, bias, PROMPT_CHUNK) if packed else partial(F.linear, weight=weight, bias=bias)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._few is not None and _are_few(x):
            return self._few(x)
        return self._many(x)


class _GatedMLP(nn.Module):
    """down(silu(gate(x)) * up(x)); for many rows, activation and product are done before anything is written."""

    def __init__(self, mlp: Any, *, int8: bool) -> None:
        super().__init__()
        gate, up = mlp.gate_proj, mlp.up_proj
        self._down = _Linear(mlp.down_proj, packed=True, int8=int8)
        self._few = Int8Weights(*_joined([gate, up])) if int8 else None
        self._gate = PackedWeights(gate.weight, gate.bias, PROMPT_CHUNK)
        self._up = PackedWeights(up.weight, up.bias, PROMPT_CHUNK)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._few is not None and _are_few(x):
            gate, up = self._few(x).chunk(2, dim=-1)
            product = F.silu(gate) * up
        else:
            product = self._up.times(x, self._gate(x, "swish"))
        down: torch.Tensor = self._down(product)
        return down


class _Shared:
    """One product for several layers; computed for the first that is asked, kept until the last was."""

    def __init__(self, layers: Sequence[nn.Linear], *, packed: bool, int8: bool) -> None:
        self._sizes = [layer.out_features for layer in layers]
        self._product = _Linear(*layers, packed=packed, int8=int8)
        self._input: Any = None
        self._parts: Sequence[torch.Tensor] = ()

    def part(self, n: int, x: torch.Tensor) -> torch.Tensor:
        if x is not self._input:
            self._input, self._parts = x, self._product(x).split(self._sizes, dim=-1)
        part = self._parts[n]
        if n == len(self._sizes) - 1:
            self._input, self._parts = None, ()
        return part


class _Part(nn.Module):
    def __init__(self, shared: _Shared, n: int) -> None:
        super().__init__()
        self._shared, self._n = shared, n

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._shared.part(self._n, x)


class _Head(nn.Module):
    """The layer over the vocabulary. Its weights may be the embedding's, too: they are kept as they are."""

    def __init__(self, head: nn.Linear, *, int8: bool) -> None:
        super().__init__()
        self.weight, self.bias = head.weight, head.bias
        self._few = Int8Weights(head.weight, head.bias) if int8 else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._few is not None and _are_few(x):
            return self._few(x)
        return F.linear(x, self.weight, self.bias)


def _are_few(x: torch.Tensor) -> bool:
    return x.numel() <= FEW_ROWS * x.shape[-1]


def _joined(layers: Sequence[nn.Linear]) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Weights and bias of one layer with the outputs of all."""
    weight = torch.cat([layer.weight.detach() for layer in layers])
    if all(layer.bias is None for layer in layers):
        return weight, None
    return weight, torch.cat(
        [weight.new_zeros(layer.out_features) if layer.bias is None else layer.bias.detach() for layer in layers]
    )
