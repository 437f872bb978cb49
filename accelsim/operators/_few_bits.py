"""Convolutions and matrix products of one- and two-bit integers on packed words, and what scales their sums."""

from collections.abc import Callable

import numpy as np

from accelsim.kernels import bit_planes
from accelsim.kernels.convolution import PANEL_BYTES
from accelsim.kernels.register_tiles import DIFFERING
from accelsim.kernels.walks import Window, frame
from accelsim.operators import Call
from accelsim.operators._quantized import Finish, float_clamp

def on_words(call: Call) -> bool:
    """Return whether both operands are of one or two bits around zero, so that packed words hold them."""
    pair = call.inputs[:2]
    return all(t.dtype in bit_planes.COEFFICIENTS and (t.quantization is None or not t.quantization.zero_point.any()) for t in pair)


def words_product(call: Call, finish: Finish) -> Callable[[Call, np.ndarray, np.ndarray], None]:
    """Return the function (call, rows, out) that multiplies rows (n, depth) by weights (filters, depth)."""
    source, weights = call.inputs[:2]
    filters, depth = weights.shape
    planes_of = _weight_planes(call, depth)

    def multiply(call: Call, rows: np.ndarray, out: np.ndarray) -> None:
        sums = _sums_of(call, out)
        bit_planes.product(bit_planes.planes(rows, source.dtype), source.dtype, planes_of(call), weights.dtype, depth, sums)
        if sums is not out:
            finish(sums, out)

    return multiply


def words_convolution(call: Call, window: Window, finish: Finish) -> Callable[[Call, np.ndarray], None]:
    """Return the function (call, out) that convolves images (batch, H, W, C) with filters (O, H, W, C), ungrouped."""
    source, weights = call.inputs[:2]
    filters, filter_h, filter_w, channels = weights.shape
    words, pixels = bit_planes.words_of(channels), window.out_hw[0] * window.out_hw[1]
    at_once = min(source.shape[0], max(1, PANEL_BYTES // max(1, 4 * pixels * filters)))
    framed = frame(window, at_once, words, words, DIFFERING.unit, copied=False)
    # Padding is zero, neither -1 nor 1: where there is any, a plane of ones says which places count.
    ones = source.dtype == "binary" and not (window.inside and weights.dtype == "binary")
    planes_of = _weight_planes(call, channels)

    def convolve(call: Call, out: np.ndarray) -> None:
        for first in range(0, len(out), at_once):
            images, result = call.values[0][first : first + at_once], out[first : first + at_once].reshape(-1, filters)
            planes = bit_planes.planes(images.reshape(-1, channels), source.dtype)
            planes = bit_planes.with_ones(planes, source.dtype, channels) if ones else planes
            operands = [framed.operands(plane.reshape(*images.shape[:3], words), 0, 0) for plane in planes]
            sums, walk = _sums_of(call, result), framed.walk.part(0, len(result))
            bit_planes.product_of_planes(operands, walk, source.dtype, planes_of(call), weights.dtype, channels, filter_h * filter_w, sums)
            if sums is not result:
                finish(sums, result)

    return convolve


def _sums_of(call: Call, out: np.ndarray) -> np.ndarray:
    """Return where sums are kept: in the result where they are the result."""
    return out if out.dtype == np.int32 and (len(call.values) < 3 or call.values[2] is None) else np.empty(out.shape, np.int32)


def _weight_planes(call: Call, depth: int) -> Callable[[Call], list[np.ndarray]]:
    """Return the function of a call to the packed planes of its filters, side by side; those of a constant are made once."""
    weights = call.inputs[1]

    def pack(call: Call) -> list[np.ndarray]:
        return bit_planes.side_by_side(bit_planes.planes(call.values[1].reshape(-1, depth), weights.dtype), weights.shape[0])

    if not weights.is_constant:
        return pack
    packed = pack(call)
    return lambda call: packed


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
