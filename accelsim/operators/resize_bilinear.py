"""Resampling by linear interpolation between four pixels.

Source: TensorFlow Lite ``reference_ops::ResizeBilinear`` (single precision; uint8 adds one half and truncates) and
``ResizeBilinearInteger`` (int8, int16: 10 fractional bits).
"""

import numpy as np

from accelsim.operators import Call
from accelsim.operators._resize import Attributes as Attributes
from accelsim.operators._resize import interpolation, scale
from accelsim.operators._resize import output_shapes as output_shapes

work = interpolation("bilinear", 4)


def _neighbours(extent: int, size: int, a: Attributes):
    """Return (lower index, upper index, distance from the lower) along one axis, in single precision."""
    position = np.arange(size, dtype=np.float32)
    factor = scale(extent, size, a.align_corners)
    position = (position + np.float32(0.5)) * factor - np.float32(0.5) if a.half_pixel_centers else position * factor
    lower = np.maximum(np.floor(position).astype(np.int64), 0)
    upper = np.minimum(np.ceil(position).astype(np.int64), extent - 1)
    return lower, upper, (position - lower.astype(np.float32)).astype(np.float32)


def _neighbours_fixed(extent: int, size: int, a: Attributes):
    """Return the same with 10 fractional bits."""
    factor = ((1 << 10) * extent + size // 2) // size
    if a.align_corners and size > 1:
        factor = ((1 << 10) * (extent - 1) + (size - 1) // 2) // (size - 1)
    position = np.arange(size, dtype=np.int64) * factor
    if a.half_pixel_centers:
        position += factor // 2 - (1 << 9)
    lower = np.maximum(np.trunc(position / (1 << 10)).astype(np.int64), 0)
    upper = np.minimum(np.trunc((position + (1 << 10) - 1) / (1 << 10)).astype(np.int64), extent - 1)
    return lower, upper, position - (lower << 10)


def evaluate(call: Call):
    """Return the resampled images."""
    a, images = call.node.attributes, call.values[0]
    fixed = images.dtype in (np.int8, np.int16)
    axes = [(_neighbours_fixed if fixed else _neighbours)(extent, size, a) for extent, size in zip(images.shape[1:3], a.size, strict=True)]
    (y0, y1, dy), (x0, x1, dx) = axes
    dy, dx, unit = dy[:, None, None], dx[None, :, None], 1 << 10 if fixed else np.float32(1)
    wide = images.astype(np.int64 if fixed else np.float32)

    def corner(y, x):
        return wide[:, y[:, None], x[None, :]]

    result = corner(y0, x0) * (unit - dy) * (unit - dx)
    result += corner(y1, x0) * dy * (unit - dx)
    result += corner(y0, x1) * (unit - dy) * dx
    result += corner(y1, x1) * dy * dx
    if fixed:
        result = np.trunc((result + np.where(result > 0, 1 << 19, -(1 << 19))) / (1 << 20))
    elif images.dtype == np.uint8:
        result += np.float32(0.5)
    return (result.astype(images.dtype),)
