"""What one core can do at most: multiply-accumulates per second of instructions that touch no memory.

Independent sums in vector registers are added to, enough to hide the latency of one addition, by the widest
multiply-accumulate instruction of a type: float32 fused multiply-add, and the four-byte dot product of AVX-512's VNNI. It is
a measured peak, at the clock at which the core really runs under such a load.
"""

import time

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

LANES, SUMS, ROUNDS, RUNS = 16, 12, 1_000_000, 5
# Element of a sum, instruction, products that it adds to each sum.
INSTRUCTIONS = {"float32": (ir.FloatType(), "llvm.fma.v16f32", 1), "bytes": (ir.IntType(32), "llvm.x86.avx512.vpdpbusd.512", 4)}


def peak(kind: str) -> float:
    """Return multiply-accumulates per second of processor time of one core; ``kind`` is a key of ``INSTRUCTIONS``."""
    rounds, data = _rounds(kind), np.zeros((SUMS + 2, LANES), np.int32)
    best = np.inf
    for _ in range(RUNS + 1):
        start = time.process_time()
        rounds(data, ROUNDS)
        best = min(best, time.process_time() - start)
    return ROUNDS * SUMS * LANES * INSTRUCTIONS[kind][2] / best


def _rounds(kind: str):
    """Return the compiled function (data, rounds); two rows of data are factors, the rest sums."""
    element, instruction, _ = INSTRUCTIONS[kind]
    vector = ir.VectorType(element, LANES)

    @intrinsic
    def run(typing, data, count):
        def generate(context, builder, signature, given):
            rows = builder.bitcast(context.make_array(signature.args[0])(context, builder, given[0]).data, vector.as_pointer())
            places = [builder.gep(rows, [ir.Constant(ir.IntType(64), i)]) for i in range(SUMS + 2)]
            first, second, *begun = (builder.load(place, align=4) for place in places)
            add = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector] * 3), instruction)
            sums = [cgutils.alloca_once_value(builder, value) for value in begun]
            with cgutils.for_range(builder, given[1]):
                for total in sums:
                    value = builder.load(total)
                    builder.store(builder.call(add, [value, first, second] if kind == "bytes" else [first, second, value]), total)
            for place, total in zip(places[2:], sums, strict=True):
                builder.store(builder.load(total), place, align=4)
            return context.get_dummy_value()

        return types.void(data, types.int64), generate

    @njit
    def rounds(data, count):
        run(data, count)

    return rounds


if __name__ == "__main__":
    for name in INSTRUCTIONS:
        print(f"{name}: {peak(name) / 1e9:.1f} GMAC/s")
