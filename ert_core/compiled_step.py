"""Writes the tokens of an answer with compiled code (`decoding_kernels`), where a model is one that it knows."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numba
import numpy as np
import torch
from numba.core.errors import NumbaError
from torch import nn

from ert_core.compiled_code import CompilingError, compiled_code, forget
from ert_core.cpu_budget import pause
from ert_core.growing_cache import keeps_all_tokens, new_cache
from ert_core.model_errors import first_line
from ert_core.packed_weights import in_8_bits

# transformers' classes whose layers are: norm, attention with rotary positions, norm, gated MLP with SiLU.
KNOWN = {"LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM", "SmolLM3ForCausalLM"}
# Kinds of rotary positions whose frequencies do not depend on the length of the text.
_FIXED_ROTATIONS = {"default", "linear", "llama3", "yarn"}
# Sizes are whole numbers of these (`vector_code.LANES`, at most): all models' that are published are.
VECTOR = 32
# One of numba's ways to share work among threads ends the process when two programs' threads ask at once.
_computing = threading.Lock()


def knows(model: Any) -> bool:
    """Whether `CompiledStep` can compute `model`, a causal language model of transformers on the CPU."""
    config = model.config
    return (
        type(model).__name__ in KNOWN
        and model.dtype in (torch.bfloat16, torch.float32)
        and config.hidden_act == "silu"
        and keeps_all_tokens(new_cache(config))
        and model.model.rotary_emb.rope_type in _FIXED_ROTATIONS
        and all(size % VECTOR == 0 for size in _sizes(model))
        and 2 * len(model.model.rotary_emb.inv_freq) == model.model.layers[0].self_attn.head_dim
    )


def _sizes(model: Any) -> list[int]:
    attention, mlp = model.model.layers[0].self_attn, model.model.layers[0].mlp
    return [attention.head_dim, *(part.in_features for part in (attention.q_proj, attention.o_proj, mlp.down_proj))]


def compiled_step(model: Any, home: Path | None = None) -> CompiledStep | None:
    """A `CompiledStep` for `model`; None for one it does not know, and where nothing can be compiled or kept.

    What was kept is then thrown away, so that a damaged file is not met again.
    """
    if not knows(model):
        return None
    try:
        return CompiledStep(model, home)
    except (OSError, EOFError, UnpicklingError, NumbaError, CompilingError) as error:
        logging.getLogger(__name__).warning("answers are written without compiled code: %s", first_line(error))
        if home is not None:
            forget(home)
        return None


class CompiledStep:
    """A few tokens at a time through 8-bit copies of a model's weights. Not thread-safe.

    The copies are made at construction, one matrix at a time, in the CPU budget; `model` is left as it is. What is
    compiled is kept in the data directory `home`.
    """

    def __init__(self, model: Any, home: Path | None = None) -> None:
        self._step, weights = compiled_code(home)
        core, layers = model.model, model.model.layers
        attention = [layer.self_attn for layer in layers]
        mlps = [layer.mlp for layer in layers]
        rotary = core.rotary_emb
        self._frequencies = rotary.inv_freq.float().numpy()
        self._rotary_scale = np.float32(rotary.attention_scaling)
        self._embedding = core.embed_tokens.weight.detach()  # what `Weights` sees of it lives as long as this
        self._weights = weights(
            embedding=_array(self._embedding),
            qkv=_quantised([[a.q_proj, a.k_proj, a.v_proj] for a in attention]),
            output=_quantised([[a.o_proj] for a in attention]),
            gate_up=_quantised([[mlp.gate_proj, mlp.up_proj] for mlp in mlps]),
            down=_quantised([[mlp.down_proj] for mlp in mlps]),
            head=_quantised([[model.get_output_embeddings()]]),
            attention_norm=_norms([layer.input_layernorm for layer in layers]),
            mlp_norm=_norms([layer.post_attention_layernorm for layer in layers]),
            rotated=np.array([bool(getattr(a, "use_rope", True)) for a in attention]),
            query_norm=_norms([getattr(a, "q_norm", None) for a in attention]),
            key_norm=_norms([getattr(a, "k_norm", None) for a in attention]),
            last_norm=_norms([core.norm]),
            shape=np.array([model.config.num_key_value_heads, attention[0].head_dim]),
            epsilon=float(core.norm.variance_epsilon),
            attention_scale=float(attention[0].scaling),
        )
        self._heads = model.config.num_attention_heads // model.config.num_key_value_heads
        self._compile(model)

    def _compile(self, model: Any) -> None:
        """Read what was compiled; without a data directory, and for types it was not compiled for, compile."""
        cache = new_cache(model.config)
        shared, size = self._weights.shape
        nothing = torch.zeros(1, int(shared), 1, int(size), dtype=model.dtype)
        for layer in range(len(cache.layers)):
            cache.update(nothing, nothing, layer)
        self([0], cache)

    def __call__(self, tokens: Sequence[int], cache: Any) -> torch.Tensor:
        """Logits, float32 (tokens, vocabulary), of each of `tokens` after those that `cache` holds; it grows by them.

        Each row has the very bits that it has alone, on any number of threads; torch's number is used.
        """
        n, past = len(tokens), cache.get_seq_length()
        rooms = [layer.room_for(n) for layer in cache.layers]
        places = np.array([[part.data_ptr() for part in room] for room in rooms])
        angles = (past + np.arange(n, dtype=np.float32))[:, None] * self._frequencies
        shared = int(self._weights.shape[0])
        scores = np.empty((shared * n, self._heads, past + n), np.float32)
        logits = np.empty((n, len(self._weights.head.weights[0])), np.float32)
        shape = (1, shared, rooms[0][0].shape[-2], int(self._weights.shape[1]))
        if any(part.shape != shape or part.dtype != self._embedding.dtype for room in rooms for part in room):
            raise ValueError("the cache's layers are not those of this model")  # their addresses are written to
        numba.set_num_threads(min(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS))
        cos, sin = np.cos(angles) * self._rotary_scale, np.sin(angles) * self._rotary_scale
        with _computing:
            self._step(self._weights, np.array(tokens), past, places, shape[2], cos, sin, scores, logits)
        for layer in cache.layers:
            layer.written(n)
        return torch.from_numpy(logits)


def _array(tensor: torch.Tensor) -> np.ndarray:
    """The numbers of `tensor` as they are; bfloat16 as uint16."""
    return tensor.view(torch.uint16).numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy()


def _norms(norms: Sequence[Any]) -> np.ndarray:
    """Their weights, float32 (layers, size); (layers, 0) where there are none."""
    if norms[0] is None:
        return np.zeros((len(norms), 0), np.float32)
    return np.stack([norm.weight.detach().float().numpy() for norm in norms])


def _quantised(layers: Sequence[Sequence[nn.Linear]]) -> Any:
    """The same linear layers of each layer of the model, joined in their outputs, as 8-bit integers."""
    from ert_core.decoding_kernels import Matrices

    outputs, inputs = sum(part.out_features for part in layers[0]), layers[0][0].in_features
    weights = np.empty((len(layers), outputs, inputs), np.int8)
    scales = np.empty((len(layers), outputs), np.float32)
    bias = np.zeros((len(layers), outputs), np.float32)
    for n, parts in enumerate(layers):
        begin = 0
        for part in parts:
            if part.bias is not None:
                bias[n, begin : begin + part.out_features] = part.bias.detach().float().numpy()
            for whole, scale in in_8_bits(part.weight):
                pause()
                end = begin + len(whole)
                weights[n, begin:end] = whole.numpy()
                scales[n, begin:end] = scale.numpy()
                begin = end
    return Matrices(weights, scales, bias)
