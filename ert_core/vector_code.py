"""Pieces of LLVM's language for numba's functions: vectors of products, bfloat16, prefetching.

Loops in which LLVM has to find the vectors by itself run at a third of the speed, or with other roundings for several
rows than for one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic, overload

# What numba compiles for, which is less than the processor has where its name is one of old: code for more would abort.
_FEATURES = get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES
_FLAGS = {feature[1:] for feature in _FEATURES.split(",") if feature.startswith("+")}
# Numbers that are computed at once: of 16 bits in an AVX-512 or an AVX2 register, elsewhere what NEON does in two.
LANES = 32 if "avx512bw" in _FLAGS else 16
# x86's product of two vectors of 16-bit integers, summed in pairs.
_PAIRS = {32: "llvm.x86.avx512.pmaddw.d.512", 16: "llvm.x86.avx2.pmadd.wd" if "avx2" in _FLAGS else ""}[LANES]


@intrinsic
def prefetch(context: Any, address: Any) -> Any:
    """Ask for the cache line at an address (llvm.prefetch: to read, kept in all caches, data)."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        builder.call(prefetch, [builder.inttoptr(arguments[0], byte), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(types.intp), make


@intrinsic
def pointer(context: Any, address: Any) -> Any:
    """The address of an array as what `carray` takes."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(types.intp), make


def widened(x: Any) -> Any:
    """A float32, or a bfloat16 given as uint16, as float32."""


def narrowed(x: Any, like: Any) -> Any:
    """A float32 as what `like` is: itself, or the nearest bfloat16, ties to even."""


@overload(widened, inline="always")
def _widened_as(x: Any) -> Any:
    def shifted(x: Any) -> Any:
        return np.uint32(np.uint32(x) << np.uint32(16)).view(np.float32)

    def same(x: Any) -> Any:
        return x

    return shifted if x == types.uint16 else same


@overload(narrowed, inline="always")
def _narrowed_as(x: Any, like: Any) -> Any:
    def nearest(x: Any, like: Any) -> Any:
        bits = np.float32(x).view(np.uint32)
        return np.uint16((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16))

    def same(x: Any, like: Any) -> Any:
        return x

    return nearest if like == types.uint16 else same


def _vector_code(rows: int, mixing: bool) -> Any:
    """`dots(w, x, first, begin, end)`: products of w[begin:end] and `rows` rows of `x` from `first` on, summed.

    Exact for `w` int8 and `x` int16 (at most BLOCK of them), else float32. With `mixing` instead, `mix(w, x, first,
    begin, y)`: y[first + r, begin : begin + LANES] is the sum of w[t, begin : begin + LANES] * x[first + r, t] over t.
    Written in LLVM's language, where vectors are said: loops that LLVM finds them in run at a third of the speed.
    """

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = _VectorCode(context, builder, signature.args, arguments)
        return (code.mix if mixing else code.dots)(rows)

    if mixing:

        @intrinsic
        def mix(context: Any, w: Any, x: Any, first: Any, begin: Any, y: Any) -> Any:
            return types.void(w, x, types.intp, types.intp, y), make

        return mix

    @intrinsic
    def dots(context: Any, w: Any, x: Any, first: Any, begin: Any, end: Any) -> Any:
        total = types.int32 if w.dtype == types.int8 else types.float32
        return types.UniTuple(total, rows)(w, x, types.intp, types.intp, types.intp), make

    return dots


class _VectorCode:
    """What `_vector_code` says, for arrays in C order."""

    def __init__(self, context: Any, builder: Any, kinds: Any, arguments: Any) -> None:
        self.context, self.builder, self.arguments = context, builder, arguments
        self.arrays: list[Any] = [
            context.make_array(kind)(context, builder, argument) if isinstance(kind, types.Array) else None
            for kind, argument in zip(kinds, arguments, strict=True)
        ]
        self.kind = kinds[0].dtype

    def at(self, array: Any, row: Any, column: Any) -> Any:
        """The address of array[row, column]."""
        across = self.builder.extract_value(array.shape, 1)
        return self.builder.gep(array.data, [self.builder.add(self.builder.mul(row, across), column)])

    def load(self, address: Any, element: Any) -> Any:
        kind = ir.VectorType(element, LANES)
        return self.builder.load(self.builder.bitcast(address, kind.as_pointer()), align=1)

    def wide(self, address: Any) -> Any:
        """LANES numbers as float32, or int8 as int16."""
        b, number = self.builder, ir.VectorType(ir.IntType(32), LANES)
        if self.kind == types.int8:
            return b.sext(self.load(address, ir.IntType(8)), ir.VectorType(ir.IntType(16), LANES))
        if self.kind == types.float32:
            return self.load(address, ir.FloatType())
        bits = b.shl(b.zext(self.load(address, ir.IntType(16)), number), self.splat(ir.IntType(32)(16)))
        return b.bitcast(bits, ir.VectorType(ir.FloatType(), LANES))

    def splat(self, value: Any) -> Any:
        kind = ir.VectorType(value.type, LANES)
        one = self.builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.IntType(32)(0))
        return self.builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), LANES), None))

    def add_products(self, total: Any, a: Any, b: Any) -> Any:
        """`total` and the products of `a` and `b`: int16 in pairs, or float32."""
        if self.kind != types.int8:
            return self.call("llvm.fmuladd", a.type, [a, b, total])
        if _PAIRS:
            return self.builder.add(total, self.call(_PAIRS, total.type, [a, b], suffix=False))
        return self._generic_pairs(total, a, b)

    def _generic_pairs(self, total: Any, a: Any, b: Any) -> Any:
        number = ir.IntType(32)
        for odd in (0, 1):
            mask = ir.Constant(ir.VectorType(number, LANES // 2), [number(2 * k + odd) for k in range(LANES // 2)])
            halves = [
                self.builder.sext(self.builder.shuffle_vector(v, v, mask), ir.VectorType(number, LANES // 2))
                for v in (a, b)
            ]
            total = self.builder.add(total, self.builder.mul(*halves))
        return total

    def call(self, name: str, result: Any, values: Any, *, suffix: bool = True, **flags: Any) -> Any:
        kind = ir.FunctionType(result, [value.type for value in values])
        vector = values[-1].type
        if suffix:
            name = f"{name}.v{vector.count}{'f32' if vector.element == ir.FloatType() else 'i32'}"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        return self.builder.call(function, values, **flags)

    def totals(self, rows: int) -> list[Any]:
        whole = self.kind == types.int8
        kind = ir.VectorType(ir.IntType(32), LANES // 2) if whole else ir.VectorType(ir.FloatType(), LANES)
        totals = [cgutils.alloca_once(self.builder, kind) for _ in range(rows)]
        for total in totals:
            self.builder.store(ir.Constant(kind, None), total)
        return totals

    def add_to(self, total: Any, a: Any, b: Any) -> None:
        self.builder.store(self.add_products(self.builder.load(total), a, b), total)

    def dots(self, rows: int) -> Any:
        b, (w, x, *_), (first, begin, end) = self.builder, self.arrays, self.arguments[2:]
        totals = self.totals(rows)
        kind = ir.IntType(16) if self.kind == types.int8 else ir.FloatType()
        with cgutils.for_range_slice(b, begin, end, first.type(LANES)) as (i, _):
            weights = self.wide(b.gep(w.data, [i]))
            for r, total in enumerate(totals):
                self.add_to(total, weights, self.load(self.at(x, b.add(first, first.type(r)), i), kind))
        vectors = [b.load(total) for total in totals]
        if self.kind == types.int8:
            sums = [self.call("llvm.vector.reduce.add", ir.IntType(32), [v]) for v in vectors]
        else:
            zero = ir.FloatType()(0)
            sums = [
                self.call("llvm.vector.reduce.fadd", ir.FloatType(), [zero, v], fastmath=("reassoc",)) for v in vectors
            ]
        total_type = types.int32 if self.kind == types.int8 else types.float32
        return self.context.make_tuple(b, types.UniTuple(total_type, rows), sums)

    def mix(self, rows: int) -> Any:
        b, (w, x, _, _, y), (first, begin) = self.builder, self.arrays, self.arguments[2:4]
        totals = self.totals(rows)
        with cgutils.for_range(b, b.extract_value(w.shape, 0)) as loop:
            values = self.wide(self.at(w, loop.index, begin))
            for r, total in enumerate(totals):
                self.add_to(total, values, self.splat(b.load(self.at(x, b.add(first, first.type(r)), loop.index))))
        for r, total in enumerate(totals):
            place = self.at(y, b.add(first, first.type(r)), begin)
            vector = b.load(total)
            b.store(vector, b.bitcast(place, vector.type.as_pointer()), align=4)
        return self.context.get_dummy_value()


dots1, dots2, dots4 = (_vector_code(rows, mixing=False) for rows in (1, 2, 4))
mix1, mix2, mix4 = (_vector_code(rows, mixing=True) for rows in (1, 2, 4))
