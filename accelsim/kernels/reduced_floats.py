"""Sums of products in narrow floats: operands and the running sum rounded to float16 or bfloat16, halves to even.

A product of two narrow operands is exact in float32; the sum is formed in float32, then rounded, one product after
another in the order of the operands, as a MAC with an accumulator of that width does.
"""

from collections.abc import Callable

import numpy as np

Product = Callable[[np.ndarray, np.ndarray, np.ndarray], object]


def rounded(values: np.ndarray, kind: str) -> np.ndarray:
    """Return float32 values rounded to what ``kind`` ("float32", "float16", "bfloat16") can hold."""
    if kind == "float32":
        return values
    if kind == "float16":
        with np.errstate(over="ignore"):
            return values.astype(np.float16).astype(np.float32)
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    nearest = (bits + 0x7FFF + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)
    return np.where(np.isfinite(values), nearest.view(np.float32), values)


def product(accumulator: str) -> Product:
    """Return the function (rows (m, k), columns (k, n), out (m, n)) that multiplies with an accumulator of that width."""
    if accumulator == "float32":
        return lambda rows, columns, out: np.dot(rows, columns, out=out)

    def multiply(rows: np.ndarray, columns: np.ndarray, out: np.ndarray) -> None:
        out[:] = 0
        for k in range(rows.shape[1]):
            out[:] = rounded(out + rows[:, k : k + 1] * columns[k], accumulator)

    return multiply


def depthwise_taps(images, weights, stride, dilation, pad_top, pad_left, accumulator: str, out) -> None:
    """Write a depthwise convolution filter tap by filter tap, the running sum rounded after each.

    Parameters
    ----------
    images : ndarray, shape (batch, in_h, in_w, channels), float32
    weights : ndarray, shape (filter_h, filter_w, channels * multiplier), float32
    out : ndarray, shape (batch, out_h, out_w, channels * multiplier), float32
        Written in place.
    """
    (filter_h, filter_w, outputs), (out_h, out_w) = weights.shape, out.shape[1:3]
    span_h, span_w = (out_h - 1) * stride[0] + 1, (out_w - 1) * stride[1] + 1
    bottom = max(0, span_h + (filter_h - 1) * dilation[0] - pad_top - images.shape[1])
    right = max(0, span_w + (filter_w - 1) * dilation[1] - pad_left - images.shape[2])
    whole = np.pad(images, ((0, 0), (pad_top, bottom), (pad_left, right), (0, 0))).repeat(outputs // images.shape[3], axis=3)
    out[:] = 0
    for fy in range(filter_h):
        for fx in range(filter_w):
            top, left = fy * dilation[0], fx * dilation[1]
            tap = whole[:, top : top + span_h : stride[0], left : left + span_w : stride[1]]
            out[:] = rounded(out + tap * weights[fy, fx], accumulator)
