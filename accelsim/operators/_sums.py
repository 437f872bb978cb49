"""The integer rule of quantised addition and subtraction.

Source: TensorFlow Lite ``reference_ops::Add`` / ``Sub``: both operands shifted left (20 bits for 8-bit types, 15 for
int16), scaled to twice the larger scale, summed, scaled to the output; every step rounded twice.
"""

import numpy as np

from accelsim.operators import Call
from accelsim.operators._quantized import quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import multiply_double


def sum_codes(call: Call, a: np.ndarray, b: np.ndarray, sign: int = 1) -> np.ndarray:
    """Return the codes of a + sign * b."""
    first, second, output = call.inputs[0], call.inputs[1], call.outputs[0]
    left = 15 if output.dtype == "int16" else 20
    scales = [float(scale_of(t)) for t in (first, second, output)]
    twice = 2 * max(scales[0], scales[1])
    x = _scaled(a - zero_of(first), left, scales[0] / twice)
    y = _scaled(b - zero_of(second), left, scales[1] / twice)
    return multiply_double(x + sign * y, *quantize_multiplier(twice / ((1 << left) * scales[2]))) + zero_of(output)


def _scaled(centred: np.ndarray, left: int, factor: float) -> np.ndarray:
    """Return the operand on the common scale, through a table of the differences that 8 bits can have."""
    multiplier = quantize_multiplier(factor)
    if left == 15:
        return multiply_double(centred << left, *multiplier)
    return multiply_double(np.arange(-255, 256) << left, *multiplier)[centred + 255]
