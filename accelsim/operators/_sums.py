"""The integer rule of quantised addition and subtraction.

Source: TensorFlow Lite ``reference_ops::Add`` / ``Sub``: both operands shifted left (20 bits for 8-bit types, 15 for
int16), scaled to twice the larger scale, summed, scaled to the output; every step rounded twice.
"""

import numpy as np

from accelsim.graph.tensor import Tensor
from accelsim.kernels.elementwise import add_codes
from accelsim.operators import Call
from accelsim.operators._quantized import bounds, clamp_range, quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import multiply_double


def quantised_sum(call: Call, sign: int = 1) -> np.ndarray:
    """Return the codes of a + sign * b, clamped."""
    first, second, output = call.inputs[0], call.inputs[1], call.outputs[0]
    left = 15 if output.dtype == "int16" else 20
    scales = [float(scale_of(t)) for t in (first, second, output)]
    twice = 2 * max(scales[0], scales[1])
    factors = [quantize_multiplier(scales[0] / twice), quantize_multiplier(scales[1] / twice)]
    multiplier, shift = quantize_multiplier(twice / ((1 << left) * scales[2]))
    low, high = clamp_range(call, call.node.attributes.activation, output)
    if first.dtype == second.dtype == output.dtype and output.dtype in ("int8", "uint8"):
        tables = [_common_scale(every_code(t), t, left, factor).astype(np.int32) for t, factor in zip((first, second), factors, strict=True)]
        a, b = (np.ascontiguousarray(v) for v in np.broadcast_arrays(*call.values))
        out = np.empty(a.shape, output.dtype)
        steps = (multiplier, max(shift, 0), max(-shift, 0), zero_of(output), low, high)
        add_codes(a.ravel(), b.ravel(), tables[0], sign * tables[1], bounds(output.dtype)[0], *(np.int64(s) for s in steps), out.ravel())
        return out
    x, y = (_common_scale(v.astype(np.int64), t, left, f) for v, t, f in zip(call.values, (first, second), factors, strict=True))
    return np.clip(multiply_double(x + sign * y, multiplier, shift) + zero_of(output), low, high).astype(output.dtype)


def every_code(tensor: Tensor) -> np.ndarray:
    """Return all codes of an 8-bit type in order."""
    low, high = bounds(tensor.dtype)
    return np.arange(low, high + 1)


def _common_scale(codes: np.ndarray, tensor: Tensor, left: int, factor: tuple[int, int]) -> np.ndarray:
    return multiply_double((codes - zero_of(tensor)) << left, *factor)
