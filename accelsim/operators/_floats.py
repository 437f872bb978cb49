"""Convolutions of float32 where the processor has vectors wide enough for float tiles."""

from collections.abc import Callable

import numpy as np

from accelsim.kernels.float_products import float_sums
from accelsim.kernels.register_tiles import FLOATS, has_wide_floats
from accelsim.kernels.walks import Window
from accelsim.operators import Call
from accelsim.operators._contraction import panel_weights
from accelsim.operators._quantized import Finish
from accelsim.operators._tiles import Tiles, tiled_convolution

TILES = Tiles(FLOATS, float_sums, np.uint32, 0, 0, lambda filters: np.zeros((1, len(filters)), np.float32), np.float32)


def on_float_tiles(call: Call) -> bool:
    """Return whether operands and sums are plain float32 and the weights constant."""
    source, weights = call.inputs[:2]
    narrow = {call.numerics.float_operand, call.numerics.float_accumulator} - {"float32"}
    return source.dtype == "float32" and weights.is_constant and not narrow and has_wide_floats()


def float_convolution(call: Call, window: Window, finish: Finish) -> Callable[[Call, np.ndarray], None]:
    """Return the function (call, out) that convolves images (batch, H, W, C) with the call's constant filters (O, H, W, C / groups)."""
    return tiled_convolution(call, window, panel_weights(call), TILES, finish, bare=False)
