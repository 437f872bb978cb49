"""gemmlowp's fixed-point steps on int64 numpy arrays, for tables and small tensors; the kernels have their own."""

import numpy as np


def high_multiply(x: np.ndarray, multiplier: int) -> np.ndarray:
    """Return round(x * multiplier / 2**31), half up."""
    return (np.asarray(x, np.int64) * multiplier + (1 << 30)) >> 31


def shift_right_rounding(x: np.ndarray, exponent: int) -> np.ndarray:
    """Return x / 2**exponent rounded half away from zero."""
    x = np.asarray(x, np.int64)
    mask = (1 << exponent) - 1
    return (x >> exponent) + ((x & mask) > (mask >> 1) + (x < 0))


def multiply_double(x: np.ndarray, multiplier: int, shift: int) -> np.ndarray:
    """Return x * multiplier * 2**(shift - 31), rounded twice."""
    return shift_right_rounding(high_multiply(np.asarray(x, np.int64) << max(shift, 0), multiplier), max(-shift, 0))
