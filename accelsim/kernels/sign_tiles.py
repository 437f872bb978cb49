"""Register tiles whose sums end as signs: whether each reaches its column's limit, packed as the next product reads them.

Between two layers of a binarised network nothing but these bits is kept; a sum leaves the vector registers as the result
of a comparison, which is a mask register, and four of those side by side are a word.

Source: Y. Umuroglu et al., "FINN", arXiv:1612.07119, section 4.2 (a threshold in place of batch normalisation and sign).
"""

from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic

from accelsim.kernels.register_tiles import I64, SQUARE, Step, Tile

ROWS, VECTORS = SQUARE
WORD = 64  # columns of a tile, and bits of what it writes of a row


def sign_tile(step: Step) -> Callable:
    """Return the function that writes one word of signs of some rows.

    Its parameters are (operands, bases, steps, weights, least, row, word, out): operands to weights as those of
    ``register_tiles.tile``; least of shape (at least 64 * words,), int32; first row; which word; out of shape
    (rows, words), uint64. Rows beyond the last one are left out; a bit is 1 where the sum of its column is not below its
    ``least``, so that columns that do not exist want one beyond all sums.
    """
    return _plain(step) if config.DISABLE_JIT else _compiled(step)


def _plain(step: Step) -> Callable:
    def write(operands, bases, steps, weights, least, row, word, out):
        place = steps[:, None] + np.arange(step.unit)
        for r in range(row, min(row + ROWS, out.shape[0])):
            taken = operands[bases[r] + place]
            bits = np.zeros(WORD, bool)
            for v in range(VECTORS):
                panel = weights[min(word * VECTORS + v, len(weights) - 1)].reshape(len(steps), step.lanes, step.unit)
                columns = slice(v * step.lanes, (v + 1) * step.lanes)
                bits[columns] = step.plain(taken[:, None], panel).sum(axis=(0, 2)) >= least[word * WORD :][columns]
            out[r, word] = np.packbits(bits, bitorder="little").view(np.uint64)[0]

    return write


def _compiled(step: Step) -> Callable:
    @intrinsic
    def write(typing, operands, bases, steps, weights, least, row, word, out):
        signature = types.void(operands, bases, steps, weights, least, types.int64, types.int64, out)

        def generate(context, builder, signature, given):
            arrays = [context.make_array(t)(context, builder, v) if isinstance(t, types.Array) else v for t, v in zip(signature.args, given, strict=True)]
            _SignTile(builder, step, ROWS, VECTORS).write_signs(*arrays)
            return context.get_dummy_value()

        return signature, generate

    return write


class _SignTile(Tile):
    def write_signs(self, operands, bases, steps, weights, least, row, word, out) -> None:
        """Write the loop over the steps, the comparisons and the stores."""
        builder, lanes = self.builder, self.step.lanes
        m, words = cgutils.unpack_tuple(builder, out.shape, 2)
        rows, columns = self.places(row, builder.mul(word, I64(VECTORS)))
        self.add_up(operands, bases, steps, weights, rows, columns, m)
        limits = [self._limits(least, builder.mul(c, I64(lanes))) for c in columns]
        for r, sums in zip(rows, self.sums, strict=True):
            bits = I64(0)
            for v, (total, limit) in enumerate(zip(sums, limits, strict=True)):
                reached = builder.bitcast(builder.icmp_signed(">=", builder.load(total), limit), ir.IntType(lanes))
                bits = builder.or_(bits, builder.shl(builder.zext(reached, I64), I64(v * lanes)))
            with builder.if_then(builder.icmp_signed("<", r, m)):
                builder.store(bits, builder.gep(out.data, [builder.add(builder.mul(r, words), word)]))

    def _limits(self, least, column):
        return self._load(self.builder.bitcast(self.builder.gep(least.data, [column]), self.step.vector.as_pointer()), 4)
