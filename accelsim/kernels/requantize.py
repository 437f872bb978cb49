"""From wide sums back to few bits, as each runtime rounds.

Sources: TensorFlow Lite ``kernels/internal/common.cc`` (gemmlowp's SaturatingRoundingDoublingHighMul and
RoundingDivideByPOT; the single-rounding variant; the 64-bit one for int16 activations); onnxruntime
``core/mlas/lib/quantize.cpp`` (float multiply, round half to even). Sums arrive as float32 or float64 from BLAS,
where they are exact integers, or as int32/int64.
"""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def high_multiply(x, multiplier):
    """Return round(x * multiplier / 2**31), half up: gemmlowp's doubling high multiply."""
    return (np.int64(x) * np.int64(multiplier) + np.int64(1 << 30)) >> np.int64(31)


@njit(cache=True, nogil=True, inline="always")
def shift_right_rounding(x, exponent):
    """Return x / 2**exponent rounded half away from zero: gemmlowp's RoundingDivideByPOT."""
    mask = (np.int64(1) << exponent) - np.int64(1)
    threshold = (mask >> np.int64(1)) + (np.int64(1) if x < 0 else np.int64(0))
    return (x >> exponent) + (np.int64(1) if (x & mask) > threshold else np.int64(0))


@njit(cache=True, nogil=True)
def requantize_double(sums, bias, multiplier, left, right, zero_point, low, high, out):
    """Write gemmlowp's doubly rounded requantisation of every sum.

    Parameters
    ----------
    sums : ndarray, shape (rows, channels), float32, float64 or int32
    bias, multiplier, left, right : ndarray, shape (channels,), int64
        Multiplier with the binary point at bit 31; left shift before, rounding right shift after.
    zero_point, low, high : int
        Of the output.
    out : ndarray, shape (rows, channels)
        Written in place.
    """
    for row in range(sums.shape[0]):
        for channel in range(sums.shape[1]):
            total = np.int64(np.int32(sums[row, channel])) + bias[channel]
            x = high_multiply(total << left[channel], multiplier[channel])
            x = shift_right_rounding(x, right[channel]) + zero_point
            out[row, channel] = min(max(x, low), high)


@njit(cache=True, nogil=True)
def requantize_single(sums, bias, multiplier, left, right, zero_point, low, high, out):
    """Write (sum * multiplier + half) >> shift, rounded once, half up. Parameters as in ``requantize_double``."""
    for row in range(sums.shape[0]):
        for channel in range(sums.shape[1]):
            total = np.int64(np.int32(sums[row, channel])) + bias[channel]
            shift = np.int64(31) - left[channel] + right[channel]
            x = ((total * multiplier[channel] + (np.int64(1) << (shift - 1))) >> shift) + zero_point
            out[row, channel] = min(max(x, low), high)


@njit(cache=True, nogil=True)
def requantize_wide(sums, bias, multiplier, left, right, zero_point, low, high, out):
    """Write the requantisation of 64-bit sums (int16 activations): multiplier reduced to 16 bits, rounded once."""
    for row in range(sums.shape[0]):
        for channel in range(sums.shape[1]):
            total = np.int64(sums[row, channel]) + bias[channel]
            reduced = (multiplier[channel] + (1 << 15)) >> 16 if multiplier[channel] < 0x7FFF0000 else np.int64(0x7FFF)
            shift = np.int64(15) - left[channel] + right[channel]
            x = ((total * reduced + (np.int64(1) << (shift - 1))) >> shift) + zero_point
            out[row, channel] = min(max(x, low), high)


@njit(cache=True, nogil=True)
def requantize_float(sums, bias, scale, zero_point, low, high, out):
    """Write round-half-even(float32(sum) * scale) + zero_point, onnxruntime's rule; scale has shape (channels,), float32."""
    for row in range(sums.shape[0]):
        for channel in range(sums.shape[1]):
            total = np.float32(np.int32(sums[row, channel]) + np.int32(bias[channel]))
            x = np.int64(np.rint(total * scale[channel])) + zero_point
            out[row, channel] = min(max(x, low), high)


@njit(cache=True, nogil=True)
def bias_and_clip(sums, bias, low, high, out):
    """Write min(max(sum + bias, low), high) in float32."""
    for row in range(sums.shape[0]):
        for channel in range(sums.shape[1]):
            out[row, channel] = min(max(sums[row, channel] + bias[channel], low), high)
