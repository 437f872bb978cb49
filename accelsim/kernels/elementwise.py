"""Quantised element-wise arithmetic where numpy's passes over wide integers would cost most."""

import numpy as np
from numba import njit

from accelsim.kernels.requantize import high_multiply, shift_right_rounding

HEADROOM = 20  # bits by which 8-bit operands are shifted up before they are scaled


@njit(cache=True, nogil=True)
def add_codes(a, b, zero_a, zero_b, multiplier_a, multiplier_b, right_a, right_b, sign, multiplier, left, right, zero_point, low, high, out):
    """Write the quantised sum a + sign * b of two tensors of 8-bit codes; every scaling is rounded twice.

    Parameters
    ----------
    a, b : ndarray, shape (elements,), int8 or uint8
    zero_a, zero_b : int
        Their zero points.
    multiplier_a, multiplier_b, right_a, right_b : int64
        Factors (at most 1) to the common scale, binary point at bit 31, and their rounding right shifts.
    sign : int64
        1 or -1.
    multiplier, left, right, zero_point, low, high : int64
        From the common scale to the output.
    out : ndarray, shape (elements,), int8 or uint8
        Written in place.
    """
    for i in range(a.size):
        x = shift_right_rounding(high_multiply((np.int64(a[i]) - zero_a) << HEADROOM, multiplier_a), right_a)
        y = shift_right_rounding(high_multiply((np.int64(b[i]) - zero_b) << HEADROOM, multiplier_b), right_b)
        total = shift_right_rounding(high_multiply((x + sign * y) << left, multiplier), right) + zero_point
        out[i] = min(max(total, low), high)
