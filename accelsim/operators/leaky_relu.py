"""Leaky rectifier: x where positive, alpha * x elsewhere.

Source of the integer rule: TensorFlow Lite ``reference_ops::QuantizeLeakyRelu``.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._onnxruntime import coded, is_onnxruntime, real
from accelsim.operators._quantized import quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import multiply_double
from accelsim.operators._unary import unary


@dataclass(frozen=True, slots=True)
class LeakyAttributes:
    """Slope below zero."""

    alpha: float = 0.01


def _leaky(x, a):
    return np.where(x > 0, x, x * np.float32(a.alpha))


def _codes(call, codes):
    if is_onnxruntime(call.numerics):
        return coded(call.outputs[0], _leaky(real(call.inputs[0], codes), call.node.attributes)).astype(np.int64)
    source, output = call.inputs[0], call.outputs[0]
    alpha = np.float32(call.node.attributes.alpha)
    centred = codes - zero_of(source)
    above = quantize_multiplier(float(scale_of(source) / scale_of(output)))
    below = quantize_multiplier(float(scale_of(source) * alpha / scale_of(output)))
    return np.where(centred >= 0, multiply_double(centred, *above), multiply_double(centred, *below)) + zero_of(output)


Attributes, output_shapes, work, evaluate = unary("leaky_relu", _leaky, _codes, LeakyAttributes)
