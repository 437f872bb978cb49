"""Matrix products and convolutions of float32 that read images where they lie and weights that are laid out once.

A library packs both operands at every call, which costs most where products are thin, as those of pointwise layers are.
"""

from numba import njit

from accelsim.kernels.float_tiles import clipped_tile
from accelsim.kernels.register_tiles import ROWS_AT_ONCE, TALL, TWIN

_ROWS = TALL[0]
CLOSE = 1 << 16  # weights that a second-level cache holds: a result is then written line after line
_tall, _twin = clipped_tile(TALL), clipped_tile(TWIN)


@njit(cache=True, nogil=True)
def float_sums(operands, bases, steps, weights, start, low, high, out):
    """Write min(max(start + products of a row and a column, low), high); each sum in the order of the steps, rounded once a step.

    Parameters
    ----------
    operands : ndarray, shape (elements,), float32
    bases, steps :
        Of the ``Walk`` over the operands.
    weights : ndarray, shape (blocks, steps, 16), float32
        Of ``byte_products.packed``.
    start : ndarray, shape (1, columns), float32
        Added when the products are summed.
    low, high : float32
    out : ndarray, shape (rows, columns), float32
        Written in place.
    """
    rows, blocks = out.shape[0], weights.shape[0]
    at_once = _ROWS if weights.size <= CLOSE else ROWS_AT_ONCE
    for first in range(0, rows, at_once):
        last = min(first + at_once, rows)
        for block in range(0, blocks - 1, 2):
            for row in range(first, last, _ROWS):
                _twin(operands, bases, steps, weights, start, low, high, row, block, out)
        if blocks % 2:
            for row in range(first, last, _ROWS):
                _tall(operands, bases, steps, weights, start, low, high, row, blocks - 1, out)
