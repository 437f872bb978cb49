"""Matrix products and convolutions of float32 that read images where they lie and weights that are laid out once.

A library packs both operands at every call, which costs most where products are thin, as those of pointwise layers are.
"""

from numba import njit

from accelsim.kernels.register_tiles import FLOATS, ROWS_AT_ONCE, TALL, TWIN, tile

_ROWS = TALL[0]
_tall, _twin = tile(FLOATS, TALL), tile(FLOATS, TWIN)


@njit(cache=True, nogil=True)
def float_sums(operands, bases, steps, weights, start, out):
    """Write start + products of every row and column; each sum in the order of the steps, rounded once a step.

    Parameters
    ----------
    operands : ndarray, shape (elements,), float32
    bases, steps :
        Of the ``Walk`` over the operands.
    weights : ndarray, shape (blocks, steps, 16), float32
        Of ``byte_products.packed``.
    start : ndarray, shape (1, columns), float32
    out : ndarray, shape (rows, columns), float32
        Written in place.
    """
    rows, blocks = out.shape[0], weights.shape[0]
    for first in range(0, rows, ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, rows)
        for block in range(0, blocks - 1, 2):
            for row in range(first, last, _ROWS):
                _twin(operands, bases, steps, weights, start, 1, row, block, out)
        if blocks % 2:
            for row in range(first, last, _ROWS):
                _tall(operands, bases, steps, weights, start, 1, row, blocks - 1, out)
