"""Rectifiers: a clamp between real limits, requantised where the output's scale differs."""

import math

import numpy as np

from accelsim.operators._quantized import quantize_multiplier, round_away, scale_of, zero_of
from accelsim.operators._rounding import multiply_double
from accelsim.operators._unary import unary


def rectifier(operation: str, low: float, high: float):
    """Return the operator that clamps between two real limits.

    Source of the integer rule: TensorFlow Lite ``activations.cc`` (QuantizedReluX) and ``optimized_ops::ReluX``.
    """

    def codes_of(call, codes):
        source, output = call.inputs[0], call.outputs[0]
        multiplier, shift = quantize_multiplier(float(scale_of(source) / scale_of(output)))
        zero = zero_of(output)
        bottom = zero + int(round_away(np.float32(low) / scale_of(output)))
        top = math.inf if high == math.inf else zero + int(round_away(np.float32(high) / scale_of(output)))
        return np.clip(multiply_double(codes - zero_of(source), multiplier, shift) + zero, bottom, top)

    def clamp(x, _):
        return np.clip(x, x.dtype.type(low), x.dtype.type(high) if high < math.inf else None)

    return unary(operation, clamp, codes_of, by_lookup=False)
