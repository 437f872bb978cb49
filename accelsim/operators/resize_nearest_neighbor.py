"""Resampling by the nearest pixel.

Source: TensorFlow Lite ``reference_ops::ResizeNearestNeighbor``.
"""

import numpy as np

from accelsim.operators import Call
from accelsim.operators._quantized import round_away
from accelsim.operators._resize import Attributes as Attributes
from accelsim.operators._resize import interpolation, scale
from accelsim.operators._resize import output_shapes as output_shapes

work = interpolation("nearest", 1)


def _nearest(extent: int, size: int, a: Attributes) -> np.ndarray:
    offset = np.float32(0.5 if a.half_pixel_centers else 0)
    position = (np.arange(size, dtype=np.float32) + offset) * scale(extent, size, a.align_corners)
    index = (round_away(position) if a.align_corners else np.floor(position)).astype(np.int64)
    return np.clip(index, 0, extent - 1)


def evaluate(call: Call):
    """Return the resampled images."""
    a, images = call.node.attributes, call.values[0]
    rows, columns = (_nearest(extent, size, a) for extent, size in zip(images.shape[1:3], a.size, strict=True))
    return (np.ascontiguousarray(images[:, rows[:, None], columns[None, :]]),)
