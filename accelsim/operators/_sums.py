"""The integer rule of quantised addition and subtraction.

Source: TensorFlow Lite ``reference_ops::Add`` / ``Sub``: both operands shifted left (20 bits for 8-bit types, 15 for
int16), scaled to twice the larger scale, summed, scaled to the output; every step rounded twice.
"""

import numpy as np

from accelsim.kernels.elementwise import HEADROOM, add_codes
from accelsim.operators import Call
from accelsim.operators._onnxruntime import added, is_onnxruntime
from accelsim.operators._quantized import clamp_range, quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import multiply_double


def quantised_sum(call: Call, sign: int = 1) -> np.ndarray:
    """Return the codes of a + sign * b, clamped."""
    if is_onnxruntime(call.numerics):
        return clamp_codes(call, added(call, sign))
    first, second, output = call.inputs[0], call.inputs[1], call.outputs[0]
    bytes_only = all(t.dtype in ("int8", "uint8") for t in (first, second, output))
    headroom = HEADROOM if bytes_only else 15
    scales = [float(scale_of(t)) for t in (first, second, output)]
    twice = 2 * max(scales[0], scales[1])
    to_common = [quantize_multiplier(scales[0] / twice), quantize_multiplier(scales[1] / twice)]
    multiplier, shift = quantize_multiplier(twice / ((1 << headroom) * scales[2]))
    low, high = clamp_range(call, call.node.attributes.activation, output)
    if bytes_only:
        a, b = (np.ascontiguousarray(v) for v in np.broadcast_arrays(*call.values))
        out = np.empty(a.shape, output.dtype)
        (factor_a, shift_a), (factor_b, shift_b) = to_common
        numbers = (zero_of(first), zero_of(second), factor_a, factor_b, -shift_a, -shift_b, sign, multiplier, max(shift, 0), max(-shift, 0))
        add_codes(a.ravel(), b.ravel(), *(np.int64(n) for n in (*numbers, zero_of(output), low, high)), out.ravel())
        return out
    x, y = (
        multiply_double((v.astype(np.int64) - zero_of(t)) << headroom, *factor)
        for v, t, factor in zip(call.values, (first, second), to_common, strict=True)
    )  # fmt: skip
    return np.clip(multiply_double(x + sign * y, multiplier, shift) + zero_of(output), low, high).astype(output.dtype)


def clamp_codes(call: Call, codes: np.ndarray) -> np.ndarray:
    """Return codes within the fused activation's limits."""
    return codes if call.node.attributes.activation == "none" else np.clip(codes, *clamp_range(call, call.node.attributes.activation, call.outputs[0]))
