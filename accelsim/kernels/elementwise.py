"""Quantised element-wise arithmetic where numpy's passes over wide integers would cost most."""

import numpy as np
from numba import njit

from accelsim.kernels.requantize import high_multiply, shift_right_rounding


@njit(cache=True, nogil=True)
def add_codes(a, b, table_a, table_b, smallest, multiplier, left, right, zero_point, low, high, out):
    """Write the quantised sum of two tensors of 8-bit codes.

    Parameters
    ----------
    a, b : ndarray, shape (elements,), int8 or uint8
    table_a, table_b : ndarray, shape (256,), int32
        Each code on the common scale, in code order.
    smallest : int
        The smallest code: -128 or 0.
    multiplier, left, right, zero_point, low, high : int
        From the common scale to the output, rounded twice as gemmlowp does.
    out : ndarray, shape (elements,), int8 or uint8
        Written in place.
    """
    for i in range(a.size):
        total = np.int64(table_a[np.int64(a[i]) - smallest]) + np.int64(table_b[np.int64(b[i]) - smallest])
        x = shift_right_rounding(high_multiply(total << left, multiplier), right) + zero_point
        out[i] = min(max(x, low), high)
