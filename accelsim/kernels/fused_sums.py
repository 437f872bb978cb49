"""Quantised addition with two fused multiply-adds in float32, as onnxruntime's x86 kernel computes it."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def add_fused(a, b, ratio_a, ratio_b, offset, low, high, out):
    """Write round(fma(a, ratio_a, fma(b, ratio_b, offset))), halves to even, clamped.

    A fused step rounds once: the product of two float32 numbers is exact in float64, in which the sum is formed.

    Parameters
    ----------
    a, b : ndarray, shape (elements,), int8 or uint8
        Raw codes; their zero points are inside the offset.
    ratio_a, ratio_b, offset : float64
        Values of float32 numbers.
    low, high : float64
    out : ndarray, shape (elements,), int8 or uint8
        Written in place.
    """
    for i in range(a.size):
        inner = np.float32(np.float64(b[i]) * ratio_b + offset)
        total = np.float32(np.float64(a[i]) * ratio_a + np.float64(inner))
        out[i] = np.int32(min(max(np.rint(np.float64(total)), low), high))
