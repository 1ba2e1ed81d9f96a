"""Few tokens through a Llama-like model, compiled: the part of an answer's time that is not reading weights is gone.

Vectors are computed in `vector_code`; what is compiled is kept under a digest of both files (`compiled_step`).
Weights are 8-bit integers with one scale an output, activations 15-bit ones with one scale a row (Jacob et al., 2018,
arXiv 1712.05877): their sums are exact, so that a row has the same bits in any company and on any number of threads.
Everything else is float32. Keys and values are as the model's own cache holds them, float32 or bfloat16.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import carray, njit, prange

from ert_core.vector_code import (
    LANES,
    dots1,
    dots2,
    dots4,
    mix1,
    mix2,
    mix4,
    narrowed,
    pointer,
    prefetch,
    widened,
)

# An activation's largest integer, and how many products of it and a weight's (127) an int32 holds the sum of.
LARGEST = 16383
BLOCK = 1024
# Bytes ahead of a row of weights that are asked for: processors in virtual machines do not look ahead by themselves.
_AHEAD = 2048
_LINE = 64
# Sums of float32 may be made in any order, the same one for each row of the same length.
_ANY_ORDER = {"reassoc", "contract", "nsz", "arcp"}
_compiled = njit(cache=True, nogil=True, error_model="numpy")
_any_order = njit(cache=True, nogil=True, error_model="numpy", fastmath=_ANY_ORDER)
_parallel = njit(cache=True, nogil=True, error_model="numpy", parallel=True)


class Matrices(NamedTuple):
    """The same matrix of all layers: `weights` int8 (layers, outputs, inputs); `scales`, `bias` (layers, outputs)."""

    weights: np.ndarray
    scales: np.ndarray
    bias: np.ndarray


class Weights(NamedTuple):
    """A whole model. Norms are float32 (layers, size), those of heads of size 0 where there are none."""

    embedding: np.ndarray  # (vocabulary, size), float32, or bfloat16 as uint16
    qkv: Matrices
    output: Matrices
    gate_up: Matrices
    down: Matrices
    head: Matrices  # one layer
    attention_norm: np.ndarray
    mlp_norm: np.ndarray
    rotated: np.ndarray  # bool: layers whose queries and keys know their positions
    query_norm: np.ndarray
    key_norm: np.ndarray
    last_norm: np.ndarray  # one layer
    shape: np.ndarray  # int64: key/value heads, size of a head
    epsilon: float
    attention_scale: float


@_compiled
def _look_ahead(address: Any, size: Any) -> None:
    """Processors in virtual machines do not look ahead by themselves."""
    for i in range(0, size, _LINE):
        prefetch(address + _AHEAD + i)


@_compiled
def _times_four(w: Any, x: Any, first: Any) -> Any:
    a = b = c = d = 0.0
    for begin in range(0, w.size, BLOCK):
        more = dots4(w, x, first, begin, min(w.size, begin + BLOCK))
        a, b, c, d = a + more[0], b + more[1], c + more[2], d + more[3]
    return a, b, c, d


@_compiled
def _times_two(w: Any, x: Any, first: Any) -> Any:
    a = b = 0.0
    for begin in range(0, w.size, BLOCK):
        more = dots2(w, x, first, begin, min(w.size, begin + BLOCK))
        a, b = a + more[0], b + more[1]
    return a, b


@_compiled
def _times(w: Any, x: Any, first: Any) -> Any:
    a = 0.0
    for begin in range(0, w.size, BLOCK):
        a += dots1(w, x, first, begin, min(w.size, begin + BLOCK))[0]
    return a


@_compiled
def _output(w: Any, scale: Any, bias: Any, x: Any, scales: Any, y: Any) -> None:
    """One output of all rows, into `y`."""
    n, r = len(x), 0
    while r + 4 <= n:
        y[r], y[r + 1], y[r + 2], y[r + 3] = _times_four(w, x, r)
        r += 4
    if r + 2 <= n:
        y[r], y[r + 1] = _times_two(w, x, r)
        r += 2
    if r < n:
        y[r] = _times(w, x, r)
    for r in range(n):
        y[r] = np.float32(y[r]) * (scale * scales[r]) + bias


@_parallel
def multiply(m: Any, layer: Any, x: Any, x_scales: Any, y: Any) -> None:
    """The matrix of `layer` times rows of `x` (int16, (n, inputs)), into `y`, float32 (n, outputs)."""
    weights, scales, bias = m.weights[layer], m.scales[layer], m.bias[layer]
    base = weights.ctypes.data
    for o in prange(weights.shape[0]):
        _look_ahead(base + o * weights.shape[1], weights.shape[1])
        _output(weights[o], scales[o], bias[o], x, x_scales, y[:, o])


@_parallel
def _gate(m: Any, layer: Any, x: Any, x_scales: Any, up: Any, y: Any) -> None:
    """silu(gate(x)) * up(x) into `y`; the matrix is gate's rows, then up's."""
    weights, scales, bias = m.weights[layer], m.scales[layer], m.bias[layer]
    outputs, inputs = y.shape[1], x.shape[1]
    base = weights.ctypes.data
    for o in prange(outputs):
        _look_ahead(base + o * inputs, inputs)
        _look_ahead(base + (outputs + o) * inputs, inputs)
        _output(weights[o], scales[o], bias[o], x, x_scales, y[:, o])
        _output(weights[outputs + o], scales[outputs + o], bias[outputs + o], x, x_scales, up[:, o])
        for r in range(len(x)):
            y[r, o] *= up[r, o] * _sigmoid(y[r, o])


@_any_order
def _exp(x: Any) -> Any:
    """e to the power of a float32 that is not above 0 (Cephes' polynomial, relative error 2e-7), in vectors' reach."""
    x = max(x, np.float32(-87.0))
    whole = np.int32(x * np.float32(1.44269504) - np.float32(0.5))
    x = x - np.float32(whole) * np.float32(0.693359375) + np.float32(whole) * np.float32(2.12194440e-4)
    p = np.float32(1.9875691500e-4)
    p = p * x + np.float32(1.3981999507e-3)
    p = p * x + np.float32(8.3334519073e-3)
    p = p * x + np.float32(4.1665795894e-2)
    p = p * x + np.float32(1.6666665459e-1)
    p = p * x + np.float32(5.0000001201e-1)
    p = p * x * x + x + np.float32(1)
    return p * np.uint32(np.uint32(whole + np.int32(127)) << np.uint32(23)).view(np.float32)


@_any_order
def _sigmoid(x: Any) -> Any:
    small = _exp(-abs(x))
    return (np.float32(1) if x >= 0 else small) / (np.float32(1) + small)


@_any_order
def round_rows(x: Any, whole: Any, scales: Any) -> None:
    """The rows of `x` as integers, `whole`, and the scale of each."""
    for r in range(x.shape[0]):
        most = np.float32(1e-30)
        for i in range(x.shape[1]):
            most = max(most, abs(x[r, i]))
        scales[r] = most / np.float32(LARGEST)
        factor = np.float32(LARGEST) / most
        for i in range(x.shape[1]):
            value = x[r, i] * factor
            whole[r, i] = np.int16(np.int32(value + (np.float32(0.5) if value >= 0 else np.float32(-0.5))))


@_any_order
def _norm(x: Any, weight: Any, epsilon: Any, y: Any) -> None:
    """RMSNorm (Zhang & Sennrich, 2019, arXiv 1910.07467) of one vector; `y` may be `x`."""
    squares = np.float32(0)
    for i in range(x.size):
        squares += x[i] * x[i]
    factor = np.float32(1) / np.float32(math.sqrt(squares / np.float32(x.size) + np.float32(epsilon)))
    for i in range(x.size):
        y[i] = weight[i] * (x[i] * factor)


@_any_order
def _rotate(x: Any, cos: Any, sin: Any) -> None:
    """Rotary position embedding (Su et al., 2021, arXiv 2104.09864), halves against each other, in place."""
    half = x.size // 2
    for i in range(half):
        a, b = x[i], x[half + i]
        x[i] = a * cos[i] - b * sin[i]
        x[half + i] = b * cos[i] + a * sin[i]


@_any_order
def _softmax(x: Any) -> None:
    most = np.float32(-np.inf)
    for t in range(x.size):
        most = max(most, x[t])
    total = np.float32(0)
    for t in range(x.size):
        x[t] = _exp(x[t] - most)
        total += x[t]
    for t in range(x.size):
        x[t] /= total


@_compiled
def _attend_row(query: Any, keys: Any, values: Any, scale: Any, scores: Any, y: Any) -> None:
    """Attention of the heads that share keys and values: `query`, `y` (heads, size), `scores` (heads, tokens)."""
    heads, size = query.shape
    for t in range(len(keys)):
        h = 0
        while h + 4 <= heads:
            scores[h, t], scores[h + 1, t], scores[h + 2, t], scores[h + 3, t] = dots4(keys[t], query, h, 0, size)
            h += 4
        if h + 2 <= heads:
            scores[h, t], scores[h + 1, t] = dots2(keys[t], query, h, 0, size)
            h += 2
        if h < heads:
            scores[h, t] = dots1(keys[t], query, h, 0, size)[0]
    for h in range(heads):
        for t in range(len(keys)):
            scores[h, t] *= scale
        _softmax(scores[h, : len(keys)])
    for begin in range(0, size, LANES):
        h = 0
        while h + 4 <= heads:
            mix4(values, scores, h, begin, y)
            h += 4
        if h + 2 <= heads:
            mix2(values, scores, h, begin, y)
            h += 2
        if h < heads:
            mix1(values, scores, h, begin, y)


@_parallel
def _attend(qkv: Any, keys: Any, values: Any, past: Any, scale: Any, scores: Any, y: Any) -> None:
    """All rows and heads: `keys`, `values` (key/value heads, room, size), `y` (rows, heads * size)."""
    shared, _, size = keys.shape
    n = qkv.shape[0]
    group = y.shape[1] // (shared * size)
    for task in prange(shared * n):
        h, r = task // n, task % n
        seen = past + r + 1
        part = slice(h * group * size, (h + 1) * group * size)
        _attend_row(
            qkv[r, part].reshape(group, size),
            keys[h, :seen],
            values[h, :seen],
            scale,
            scores[task],
            y[r, part].reshape(group, size),
        )


@_compiled
def step(
    m: Weights, tokens: Any, past: int, places: Any, room: int, cos: Any, sin: Any, scores: Any, logits: Any
) -> None:
    """Logits, float32 (rows, vocabulary), of each of the few `tokens` (int64) after `past` ones.

    `places` int64 (layers, 2): where each layer's keys and values are, (key/value heads, room, size), with room for
    `tokens`, which are written there. `cos`, `sin` (rows, size / 2) are those of their positions. `scores` is scratch,
    (key/value heads * rows, heads that share one, tokens).
    """
    n, size = tokens.size, m.embedding.shape[1]
    shared, head = m.shape[0], m.shape[1]
    inner = m.output.weights.shape[2]
    x, normed = np.empty((n, size), np.float32), np.empty((n, size), np.float32)
    qkv = np.empty((n, m.qkv.weights.shape[1]), np.float32)
    attended = np.empty((n, inner), np.float32)
    gated = np.empty((n, m.down.weights.shape[2]), np.float32)
    scales = np.empty(n, np.float32)
    whole, whole_inner = np.empty((n, size), np.int16), np.empty((n, inner), np.int16)
    up, whole_gated = np.empty_like(gated), np.empty(gated.shape, np.int16)
    for r in range(n):
        for i in range(size):
            x[r, i] = widened(m.embedding[tokens[r], i])
    for layer in range(places.shape[0]):
        keys = carray(pointer(places[layer, 0]), (shared, room, head), m.embedding.dtype)
        values = carray(pointer(places[layer, 1]), (shared, room, head), m.embedding.dtype)
        for r in range(n):
            _norm(x[r], m.attention_norm[layer], m.epsilon, normed[r])
        round_rows(normed, whole, scales)
        multiply(m.qkv, layer, whole, scales, qkv)
        for r in range(n):
            for h in range(inner // head + shared):
                part = qkv[r, h * head : (h + 1) * head]
                norm = m.query_norm[layer] if h < inner // head else m.key_norm[layer]
                if norm.size:
                    _norm(part, norm, m.epsilon, part)
                if m.rotated[layer]:
                    _rotate(part, cos[r], sin[r])
            for h in range(shared):
                for i in range(head):
                    at = inner + h * head + i
                    keys[h, past + r, i] = narrowed(qkv[r, at], keys[0, 0, 0])
                    values[h, past + r, i] = narrowed(qkv[r, at + shared * head], keys[0, 0, 0])
        _attend(qkv, keys, values, past, np.float32(m.attention_scale), scores, attended)
        round_rows(attended, whole_inner, scales)
        multiply(m.output, layer, whole_inner, scales, normed)
        x += normed
        for r in range(n):
            _norm(x[r], m.mlp_norm[layer], m.epsilon, normed[r])
        round_rows(normed, whole, scales)
        _gate(m.gate_up, layer, whole, scales, up, gated)
        round_rows(gated, whole_gated, scales)
        multiply(m.down, layer, whole_gated, scales, normed)
        x += normed
    for r in range(n):
        _norm(x[r], m.last_norm[0], m.epsilon, normed[r])
    round_rows(normed, whole, scales)
    multiply(m.head, 0, whole, scales, logits)
