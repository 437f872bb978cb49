"""Register tiles of floats: products of a matrix whose sums get their bias and clamp before they leave the registers."""

from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic

from accelsim.kernels.register_tiles import FLOATS, Tile, spread


def clipped_tile(shape: tuple[int, int]) -> Callable:
    """Return the function that writes one tile of min(max(start + products, low), high).

    Its parameters are (operands, bases, steps, weights, start, low, high, row, block, out), those of ``register_tiles.tile``
    with two float32 limits in place of the factor; start and out are float32.
    """
    return _plain(shape) if config.DISABLE_JIT else _compiled(shape)


def _plain(shape: tuple[int, int]) -> Callable:
    def write(operands, bases, steps, weights, start, low, high, row, block, out):
        for r in range(row, min(row + shape[0], out.shape[0])):
            taken = operands[bases[r] + steps]
            for b in range(block, min(block + shape[1], weights.shape[0])):
                columns = slice(b * FLOATS.lanes, min((b + 1) * FLOATS.lanes, out.shape[1]))
                sums = (taken[:, None] * weights[b]).sum(axis=0)[: columns.stop - columns.start]
                out[r, columns] = np.minimum(np.maximum(start[min(r, len(start) - 1), columns] + sums, low), high)

    return write


def _compiled(shape: tuple[int, int]) -> Callable:
    @intrinsic
    def write(typing, operands, bases, steps, weights, start, low, high, row, block, out):
        signature = types.void(operands, bases, steps, weights, start, types.float32, types.float32, types.int64, types.int64, out)

        def generate(context, builder, signature, given):
            arrays = [context.make_array(t)(context, builder, v) if isinstance(t, types.Array) else v for t, v in zip(signature.args, given, strict=True)]
            *before, low, high, row, block, out = arrays
            Tile(builder, FLOATS, *shape).put(*before, row, block, out, clamp(builder, low, high), fetch=True)
            return context.get_dummy_value()

        return signature, generate

    return write


def clamp(builder: ir.IRBuilder, low, high) -> Callable:
    """Return the function (start, sums) that writes the instructions of min(max(start + sums, low), high) on vectors."""
    lowest, highest = (spread(builder, limit, FLOATS.lanes) for limit in (low, high))

    def ended(start, sums):
        total = builder.fadd(start, sums)
        raised = builder.select(builder.fcmp_ordered(">", lowest, total), lowest, total)
        return builder.select(builder.fcmp_ordered("<", highest, raised), highest, raised)

    return ended
