"""Register tiles: the innermost loop of a matrix product, whose running sums never leave the vector registers.

A tile adds the products of some rows with some vectors of columns. Operands lie as a ``Walk`` says. A step takes one
32-bit word, or four bytes, of every row; the weights of a step lie side by side for all columns of a vector. The
compiler's own vectoriser keeps such sums in memory or adds across lanes at every end, so the loop is written in its
vector instructions; binary words are portable, bytes take AVX-512's VNNI.

Source: K. Goto, R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication", TOMS 34(3), 2008, section 4;
Intel 64 and IA-32 Architectures Software Developer's Manual, VPDPBUSD.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

I8, I32, I64 = (ir.IntType(bits) for bits in (8, 32, 64))
F32 = ir.FloatType()
SUMS = {np.uint8: I32, np.uint32: I32, np.float32: F32}  # of each element of the operands

# Rows and vectors of columns of a tile: at least eight sums hide the latency of one addition.
TALL, TWIN, WIDE, SQUARE = (8, 1), (8, 2), (1, 8), (4, 4)
ROWS_AT_ONCE = 64  # rows whose results stay in the first-level cache while all columns pass


@dataclass(frozen=True)
class Step:
    """What one step takes and does.

    Attributes
    ----------
    element : type
        Of the operands.
    unit : int
        Elements of a row that a step takes.
    lanes : int
        Columns in a vector.
    emit : callable (builder, sums, operands, weights) -> sums
        Writes the vector instructions.
    plain : callable (operands, weights) -> products
        The same in numpy, where nothing is compiled; elements of a step on the last axis.
    """

    element: type
    unit: int
    lanes: int
    emit: Callable
    plain: Callable

    @property
    def vector(self) -> ir.VectorType:
        """The type of one vector of sums."""
        return ir.VectorType(SUMS[self.element], self.lanes)


def _counted(combine: str) -> Callable:
    """Return the step that adds the population counts of words combined by a bitwise instruction."""

    def emit(builder, sums, operands, weights):
        kind = sums.type
        count = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind]), f"llvm.ctpop.v{kind.count}i32")
        return builder.add(sums, builder.call(count, [getattr(builder, combine)(operands, weights)]))

    return emit


def _multiplied(builder, sums, operands, weights):
    kind = sums.type
    multiply = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * 3), "llvm.x86.avx512.vpdpbusd.512")
    return builder.call(multiply, [sums, operands, weights])


def _fused(builder, sums, operands, weights):
    kind = sums.type
    multiply = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fma.v{kind.count}f32")
    return builder.call(multiply, [operands, weights, sums])


FLOATS = Step(np.float32, 1, 16, _fused, lambda a, b: a * b)
BYTES = Step(np.uint8, 4, 16, _multiplied, lambda a, b: a.astype(np.int64) * b)
DIFFERING = Step(np.uint32, 1, 16, _counted("xor"), lambda a, b: np.bitwise_count(a ^ b).astype(np.int64))
COMMON = Step(np.uint32, 1, 16, _counted("and_"), lambda a, b: np.bitwise_count(a & b).astype(np.int64))


def has_byte_products() -> bool:
    """Return whether the processor that numba compiles for multiplies bytes four at a time."""
    return _has("avx512f", "avx512vnni")


def has_wide_floats() -> bool:
    """Return whether that processor has vectors of 16 floats, which float tiles are made for."""
    return _has("avx512f")


@lru_cache(maxsize=8)
def _has(*features: str) -> bool:
    if config.DISABLE_JIT:
        return False
    from numba.core.registry import cpu_target

    return {f"+{feature}" for feature in features} <= set(cpu_target.target_context.codegen().magic_tuple()[2].split(","))


def tile(step: Step, shape: tuple[int, int]) -> Callable:
    """Return the function that writes start + factor * products of one tile.

    Its parameters are (operands, bases, steps, weights, start, factor, row, block, out): a flat array of the step's
    elements; a ``Walk``'s bases and steps; weights of shape (blocks, steps, lanes * unit); start of shape (1 or rows,
    columns), int32, which may be ``out``; first row and first vector of columns; out of shape (rows, columns), int32.
    Rows and columns beyond those of ``out`` are left out.

    Parameters
    ----------
    shape : tuple of 2 int
        Rows and vectors of columns.
    """
    return _plain(step, shape) if config.DISABLE_JIT else _compiled(step, shape)


def _plain(step: Step, shape: tuple[int, int]) -> Callable:
    def write(operands, bases, steps, weights, start, factor, row, block, out):
        place = steps[:, None] + np.arange(step.unit)
        for r in range(row, min(row + shape[0], out.shape[0])):
            taken = operands[bases[r] + place]
            for b in range(block, min(block + shape[1], weights.shape[0])):
                sums = step.plain(taken[:, None], weights[b].reshape(len(steps), step.lanes, step.unit)).sum(axis=(0, 2))
                columns = slice(b * step.lanes, min((b + 1) * step.lanes, out.shape[1]))
                out[r, columns] = (start[min(r, len(start) - 1), columns] + factor * sums[: columns.stop - columns.start]).astype(out.dtype)

    return write


def _compiled(step: Step, shape: tuple[int, int]) -> Callable:
    @intrinsic
    def write(typing, operands, bases, steps, weights, start, factor, row, block, out):
        number = types.int64
        signature = types.void(operands, bases, steps, weights, start, number, number, number, out)

        def generate(context, builder, signature, given):
            arrays = [context.make_array(t)(context, builder, v) if isinstance(t, types.Array) else v for t, v in zip(signature.args, given, strict=True)]
            Tile(builder, step, *shape).write(*arrays)
            return context.get_dummy_value()

        return signature, generate

    return write


class Tile:
    """Writes one tile's loops; its sums are stack slots that the compiler turns into registers."""

    def __init__(self, builder: ir.IRBuilder, step: Step, rows: int, vectors: int):
        self.builder, self.step = builder, step
        zero = ir.Constant(step.vector, None)
        self.sums = [[cgutils.alloca_once_value(builder, zero) for _ in range(vectors)] for _ in range(rows)]

    def add_up(self, operands, bases, steps, weights, rows, columns, extent) -> None:
        """Write the loop over the steps for rows and vectors of columns; ``extent`` is the number of rows that exist."""
        builder = self.builder
        blocks = cgutils.unpack_tuple(builder, weights.shape, 3)[0]
        # Beyond the last row and column the last one is computed again and not stored.
        starts = [builder.gep(operands.data, [builder.load(builder.gep(bases.data, [self._least(r, extent)]))]) for r in rows]
        count = cgutils.unpack_tuple(builder, steps.shape, 1)[0]
        whole = builder.bitcast(weights.data, self.step.vector.as_pointer())
        panels = [builder.gep(whole, [builder.mul(self._least(c, blocks), count)]) for c in columns]
        with cgutils.for_range(builder, count) as loop:
            self._add_step(starts, builder.load(builder.gep(steps.data, [loop.index])), [builder.gep(panel, [loop.index]) for panel in panels])

    def write(self, operands, bases, steps, weights, start, factor, row, block, out) -> None:
        """Write the loop over the steps, then the stores of start + factor * sums."""
        scale = spread(self.builder, self.builder.trunc(factor, I32), self.step.lanes)
        self.put(operands, bases, steps, weights, start, row, block, out, lambda begun, sums: self.builder.add(begun, self.builder.mul(sums, scale)))

    def put(self, operands, bases, steps, weights, start, row, block, out, ended, fetch: bool = False) -> None:
        """Write the loop over the steps, then the stores of what ``ended(start, sums)`` makes of two vectors.

        Parameters
        ----------
        fetch : bool
            The results go to memory that no cache holds yet, and are asked for before the loop.
        """
        builder, lanes = self.builder, I64(self.step.lanes)
        m, n = cgutils.unpack_tuple(builder, out.shape, 2)
        rows, columns = self.places(row, block)
        lines, places = [builder.gep(out.data, [builder.mul(r, n)]) for r in rows], [builder.mul(c, lanes) for c in columns]
        if fetch:
            self._fetch([builder.gep(line, [place]) for line in lines for place in places])
        self.add_up(operands, bases, steps, weights, rows, columns, m)
        started = cgutils.unpack_tuple(builder, start.shape, 2)[0]
        begun = [builder.gep(start.data, [builder.mul(self._least(r, started), n)]) for r in rows]
        inside = builder.icmp_signed("<", rows[-1], m), builder.icmp_signed("<=", builder.add(places[-1], lanes), n)
        with builder.if_else(builder.and_(*inside)) as (whole, part):
            with whole:
                for source, target, sums in zip(begun, lines, self.sums, strict=True):
                    for place, total in zip(places, sums, strict=True):
                        self._store(source, target, place, total, ended)
            with part:
                masks = [self._below(builder.sub(n, place)) for place in places]
                for r, source, target, sums in zip(rows, begun, lines, self.sums, strict=True):
                    with builder.if_then(builder.icmp_signed("<", r, m)):
                        for place, total, mask in zip(places, sums, masks, strict=True):
                            self._store(source, target, place, total, ended, mask)

    def places(self, row, block):
        """Return the tile's rows and vectors of columns, which begin at the given ones."""
        rows, columns = range(len(self.sums)), range(len(self.sums[0]))
        return [self.builder.add(row, I64(i)) for i in rows], [self.builder.add(block, I64(v)) for v in columns]

    def _least(self, index, extent):
        last = self.builder.sub(extent, I64(1))
        return self.builder.select(self.builder.icmp_signed("<", index, last), index, last)

    def _add_step(self, starts, offset, panels) -> None:
        builder, kind = self.builder, self.step.vector
        loaded = [self._load(panel, np.dtype(self.step.element).itemsize) for panel in panels]
        for start, sums in zip(starts, self.sums, strict=True):
            pointer = builder.bitcast(builder.gep(start, [offset]), kind.element.as_pointer())
            operand = spread(builder, self._load(pointer, np.dtype(self.step.element).itemsize), kind.count)
            for total, weights in zip(sums, loaded, strict=True):
                builder.store(self.step.emit(builder, builder.load(total), operand, weights), total)

    def _load(self, pointer, align: int):
        value = self.builder.load(pointer)
        value.align = align
        return value

    def _fetch(self, pointers) -> None:
        """Ask for the memory that the stores will write, which arrives while sums are added."""
        kind = ir.FunctionType(ir.VoidType(), [pointers[0].type, I32, I32, I32])
        fetch = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0")
        for pointer in pointers:
            self.builder.call(fetch, [pointer, I32(1), I32(3), I32(1)])

    def _below(self, count):
        """Return which lanes come before a number of them, which may be negative."""
        lanes = self.step.lanes
        numbers = ir.Constant(ir.VectorType(I64, lanes), list(range(lanes)))
        return self.builder.icmp_signed("<", numbers, spread(self.builder, count, lanes))

    def _store(self, source, target, place, total, ended, mask=None) -> None:
        """Write one vector of a row, or its lanes under a mask."""
        builder, kind = self.builder, self.step.vector
        source, target = (builder.bitcast(builder.gep(line, [place]), kind.as_pointer()) for line in (source, target))
        sums = builder.load(total)
        if mask is None:
            builder.store(ended(self._load(source, 4), sums), target).align = 4
            return
        name = f"v{kind.count}{'f' if kind.element == F32 else 'i'}32"
        read = ir.FunctionType(kind, [source.type, I32, mask.type, kind])
        write = ir.FunctionType(ir.VoidType(), [kind, target.type, I32, mask.type])
        begun = builder.call(cgutils.get_or_insert_function(builder.module, read, f"llvm.masked.load.{name}.p0"), [source, I32(4), mask, ir.Constant(kind, None)])
        builder.call(cgutils.get_or_insert_function(builder.module, write, f"llvm.masked.store.{name}.p0"), [ended(begun, sums), target, I32(4), mask])


def spread(builder: ir.IRBuilder, value, lanes: int):
    """Return a number in every lane of a vector."""
    first = builder.insert_element(ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined), value, I32(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(I32, lanes), None))


def _plain_bits(codes, row, place, bit):
    return np.packbits(codes[row, place : place + 64].view(np.uint8) >> bit & 1, bitorder="little").view(np.uint64)[0]


@intrinsic
def _compiled_bits(typing, codes, row, place, bit):
    """One bit of 64 bytes as a word: a comparison whose result is a mask register."""

    def generate(context, builder, signature, given):
        array, kind = context.make_array(signature.args[0])(context, builder, given[0]), ir.VectorType(I8, 64)
        line = builder.mul(given[1], cgutils.unpack_tuple(builder, array.shape, 2)[1])
        pointer = builder.bitcast(builder.gep(array.data, [builder.add(line, given[2])]), kind.as_pointer())
        wanted = spread(builder, builder.trunc(builder.shl(I64(1), given[3]), I8), 64)
        values = builder.load(pointer)
        values.align = 1
        return builder.bitcast(builder.icmp_unsigned("!=", builder.and_(values, wanted), ir.Constant(kind, None)), I64)

    return types.uint64(codes, types.int64, types.int64, types.int64), generate


bits_of = _plain_bits if config.DISABLE_JIT else _compiled_bits
