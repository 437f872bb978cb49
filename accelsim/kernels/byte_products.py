"""Matrix products and convolutions of 8-bit integers, four products and three additions in one instruction.

Unsigned operands meet signed weights; what the operands' zero point adds is taken from each column before.
"""

import numpy as np
from numba import njit

from accelsim.kernels.register_tiles import BYTES, ROWS_AT_ONCE, TALL, TWIN, WIDE, Step, tile

_TALL_ROWS, _WIDE_VECTORS = TALL[0], WIDE[1]
_tall, _twin, _wide = tile(BYTES, TALL), tile(BYTES, TWIN), tile(BYTES, WIDE)


@njit(cache=True, nogil=True)
def byte_sums(operands, bases, steps, weights, start, out):
    """Write start + products of every row and column.

    Parameters
    ----------
    operands : ndarray, shape (elements,), uint8
    bases, steps :
        Of the ``Walk`` over the operands.
    weights : ndarray, shape (blocks, steps, 64), int8
        Of ``packed``.
    start : ndarray, shape (1, columns), int32
    out : ndarray, shape (rows, columns), int32
        Written in place. Sums wrap as a 32-bit accumulator does.
    """
    rows = out.shape[0]
    if rows < _TALL_ROWS:
        for row in range(rows):
            for block in range(0, weights.shape[0], _WIDE_VECTORS):
                _wide(operands, bases, steps, weights, start, 1, row, block, out)
    else:
        for first in range(0, rows, ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE, rows)
            for block in range(0, weights.shape[0] - 1, 2):
                for row in range(first, last, _TALL_ROWS):
                    _twin(operands, bases, steps, weights, start, 1, row, block, out)
            if weights.shape[0] % 2:
                for row in range(first, last, _TALL_ROWS):
                    _tall(operands, bases, steps, weights, start, 1, row, weights.shape[0] - 1, out)


def packed(filters: np.ndarray, step: Step = BYTES) -> np.ndarray:
    """Return weights as tiles read them: a block of columns after the other, step after step.

    Parameters
    ----------
    filters : ndarray, shape (columns, runs, elements of a run)
        A run that does not fill its last step is filled up with zeros, as are the columns of the last block.
    """
    columns, runs, depth = filters.shape
    lanes, unit = step.lanes, step.unit
    steps = -(-depth // unit)
    whole = np.zeros((-(-columns // lanes) * lanes, runs, steps * unit), filters.dtype)
    whole[:columns, :, :depth] = filters
    split = whole.reshape(-1, lanes, runs * steps, unit).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(split).reshape(-1, runs * steps, lanes * unit)
