"""Convolutions and matrix products of one- and two-bit integers on packed words, and what scales their sums."""

from weakref import WeakKeyDictionary

import numpy as np

from accelsim.graph.tensor import Tensor
from accelsim.kernels import bit_planes
from accelsim.operators import Call
from accelsim.operators._quantized import Finish, float_clamp

_PACKED: WeakKeyDictionary[Tensor, list[np.ndarray]] = WeakKeyDictionary()


def on_words(call: Call) -> bool:
    """Return whether both operands are of one or two bits around zero, so that packed words hold them."""
    pair = call.inputs[:2]
    return all(t.dtype in bit_planes.COEFFICIENTS and (t.quantization is None or not t.quantization.zero_point.any()) for t in pair)


def multiply_words(call: Call, rows: np.ndarray, out: np.ndarray, finish: Finish) -> None:
    """Write the product of rows (n, depth) with weights (filters, depth) through ``finish``."""
    source, weights = call.inputs[:2]
    packed = _weight_planes(weights, call.values[1].reshape(-1, rows.shape[1]))
    sums = np.empty((rows.shape[0], weights.shape[0]), np.int32)
    bit_planes.product(bit_planes.planes(rows, source.dtype), source.dtype, packed, weights.dtype, rows.shape[1], sums)
    finish(sums, out)


def convolve_words(call: Call, top: int, left: int, out: np.ndarray, finish: Finish) -> None:
    """Write the convolution of images (batch, H, W, C) with filters (O, H, W, C), ungrouped, through ``finish``."""
    a, (source, weights), images = call.node.attributes, call.inputs[:2], call.values[0]
    filters, filter_h, filter_w, channels = weights.shape
    out_h, out_w = out.shape[1:3]
    packed = _weight_planes(weights, call.values[1].reshape(-1, channels))
    inside = top == left == 0 and _reaches(out_h, filter_h, a.stride[0], a.dilation[0]) <= images.shape[1]
    inside = inside and _reaches(out_w, filter_w, a.stride[1], a.dilation[1]) <= images.shape[2]
    rows = [np.empty((out_h * out_w, packed[0].shape[0]), np.uint64) for _ in bit_planes.COEFFICIENTS[source.dtype]]
    # Sums that are the result itself are written in place.
    in_place = out.dtype == np.int32 and len(call.values) < 3
    sums = np.empty((0 if in_place else out_h * out_w, filters), np.int32)
    for image, result in zip(images, out.reshape(-1, out_h * out_w, filters), strict=True):
        sums = result if in_place else sums
        pixels = image.reshape(-1, channels)
        planes = bit_planes.planes(pixels, source.dtype)
        # Padding is zero, neither -1 nor 1: where there is any, a plane of ones says which places count.
        if not inside or weights.dtype != "binary":
            planes = bit_planes.with_ones(planes, source.dtype, channels)
        for plane, gathered in zip(planes, rows, strict=False):
            grid = plane.reshape(*image.shape[:2], -1)
            bit_planes.gather_words(grid, filter_h, filter_w, *a.stride, *a.dilation, top, left, out_w, gathered)
        bit_planes.product_of_planes(rows[: len(planes)], source.dtype, packed, weights.dtype, channels, filter_h * filter_w, sums)
        if not in_place:
            finish(sums, result)


def _reaches(out: int, filter: int, stride: int, dilation: int) -> int:
    return (out - 1) * stride + (filter - 1) * dilation + 1


def _weight_planes(weights: Tensor, values: np.ndarray) -> list[np.ndarray]:
    """Return the packed planes of filters, transposed; those of a constant are made once."""
    if weights in _PACKED:
        return _PACKED[weights]
    packed = bit_planes.transposed(bit_planes.planes(values, weights.dtype), weights.shape[0])
    if weights.is_constant:
        _PACKED[weights] = packed
    return packed


def scaled_finish(call: Call, filters: int, activation: str) -> Finish:
    """Return the function that turns sums of integers into real numbers: times both scales, plus the bias, in float32."""
    low, high = (np.float32(limit) for limit in float_clamp(call, activation))
    factors = np.ones(filters, np.float32)
    for tensor in call.inputs[:2]:
        if tensor.quantization is not None:
            factors = factors * tensor.quantization.scale.astype(np.float32)
    bias = call.values[2] if len(call.values) > 2 else None
    offsets = np.float32(0) if bias is None else bias.astype(np.float32).ravel()

    def finish(sums, out):
        np.clip(sums.astype(np.float32) * factors + offsets, low, high, out=out)

    return finish
