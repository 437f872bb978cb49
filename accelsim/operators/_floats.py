"""Convolutions of float32 where the processor has vectors wide enough for float tiles."""

from collections.abc import Callable

import numpy as np

from accelsim.kernels.depthwise_tiles import depthwise_floats, tap_panels, tap_steps
from accelsim.kernels.float_products import float_sums
from accelsim.kernels.register_tiles import FLOATS, has_wide_floats
from accelsim.kernels.walks import Window
from accelsim.operators import Call
from accelsim.operators._contraction import panel_weights
from accelsim.operators._quantized import float_clamp
from accelsim.operators._tiles import Tiles, tiled_convolution

def on_float_tiles(call: Call) -> bool:
    """Return whether operands and sums are plain float32 and the weights constant."""
    source, weights = call.inputs[:2]
    narrow = {call.numerics.float_operand, call.numerics.float_accumulator} - {"float32"}
    return source.dtype == "float32" and weights.is_constant and not narrow and has_wide_floats()


def float_convolution(call: Call, window: Window) -> Callable[[Call, np.ndarray], None]:
    """Return the function (call, out) that convolves images (batch, H, W, C) with the call's constant filters (O, H, W, C / groups)."""
    offsets, low, high = _ending(call)

    def sums(operands, bases, steps, weights, start, out):
        float_sums(operands, bases, steps, weights, start, low, high, out)

    def start(filters: np.ndarray, group: int) -> np.ndarray:
        return offsets[None, group * len(filters) : (group + 1) * len(filters)].copy()

    return tiled_convolution(call, window, panel_weights(call), Tiles(FLOATS, sums, np.uint32, 0, 0, start, np.float32), _kept, bare=True)


def float_depthwise(call: Call, pad: tuple[int, int]) -> Callable[[Call, np.ndarray], None]:
    """Return the function (call, out) that convolves each of at least 16 channels with its own constant filter (1, H, W, C)."""
    a, (source, weights), (offsets, low, high) = call.node.attributes, call.inputs[:2], _ending(call)
    filters = call.values[1][0].astype(np.float32, copy=False)
    panels, steps, width = tap_panels(filters), tap_steps(filters, source.shape[2], a.dilation), weights.shape[2]

    def convolve(call: Call, out: np.ndarray) -> None:
        images = np.ascontiguousarray(call.values[0])
        depthwise_floats(images, panels, steps, width, offsets, low, high, *a.stride, *a.dilation, *pad, out)

    return convolve


def _ending(call: Call) -> tuple[np.ndarray, np.float32, np.float32]:
    """Return the bias of every filter and the limits of the fused activation."""
    low, high = (np.float32(limit) for limit in float_clamp(call, call.node.attributes.activation))
    bias = call.values[2] if len(call.values) > 2 else None
    return np.zeros(call.outputs[0].shape[-1], np.float32) if bias is None else bias.astype(np.float32).ravel(), low, high


def _kept(sums: np.ndarray, out: np.ndarray) -> None:
    """Sums that have their bias and clamp are the result."""
    out[...] = sums
