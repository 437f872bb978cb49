"""The integer rule of quantised addition and subtraction.

Source: TensorFlow Lite ``reference_ops::Add`` / ``Sub``: both operands shifted left (20 bits for 8-bit types, 15 for
int16), scaled to twice the larger scale, summed, scaled to the output; every step rounded twice.
"""

from typing import NamedTuple

import numpy as np

from accelsim.kernels.elementwise import HEADROOM, add_codes
from accelsim.operators import Call
from accelsim.operators._onnxruntime import added, is_onnxruntime
from accelsim.operators._prepared import prepared
from accelsim.operators._quantized import clamp_range, quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import multiply_double


def quantised_sum(call: Call, sign: int = 1) -> np.ndarray:
    """Return the codes of a + sign * b, clamped."""
    if is_onnxruntime(call.numerics):
        return added(call, sign)
    scalings = prepared(call, _scalings, reads_values=False)
    zero_a, zero_b, zero = (zero_of(t) for t in (*call.inputs[:2], call.outputs[0]))
    low, high, kind = scalings.low, scalings.high, np.dtype(call.outputs[0].dtype)
    if scalings.headroom == HEADROOM:
        a, b = call.values if call.values[0].shape == call.values[1].shape else np.broadcast_arrays(*call.values)
        out = np.empty(a.shape, kind)
        (factor_a, shift_a), (factor_b, shift_b), (factor, shift) = scalings.first, scalings.second, scalings.both
        numbers = (zero_a, zero_b, factor_a, factor_b, -shift_a, -shift_b, sign, factor, max(shift, 0), max(-shift, 0), zero, low, high)
        add_codes(np.ascontiguousarray(a).reshape(-1), np.ascontiguousarray(b).reshape(-1), *numbers, out.reshape(-1))
        return out
    x, y = (
        multiply_double((v.astype(np.int64) - z) << scalings.headroom, *factor)
        for v, z, factor in zip(call.values, (zero_a, zero_b), (scalings.first, scalings.second), strict=True)
    )  # fmt: skip
    return np.clip(multiply_double(x + sign * y, *scalings.both) + zero, low, high).astype(kind)


class _Scalings(NamedTuple):
    """Factors (multiplier, shift) of both operands to a common scale and from it to the output; the bits shifted up; the limits."""

    headroom: int
    first: tuple[int, int]
    second: tuple[int, int]
    both: tuple[int, int]
    low: int
    high: int


def _scalings(call: Call) -> _Scalings:
    tensors = *call.inputs[:2], call.outputs[0]
    headroom = HEADROOM if all(t.dtype in ("int8", "uint8") for t in tensors) else 15
    first, second, output = (float(scale_of(t)) for t in tensors)
    twice = 2 * max(first, second)
    factors = (quantize_multiplier(real) for real in (first / twice, second / twice, twice / ((1 << headroom) * output)))
    return _Scalings(headroom, *factors, *clamp_range(call, call.node.attributes.activation, call.outputs[0]))
