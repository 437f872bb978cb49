"""Rectifier with a learned slope below zero.

Source of the integer rule: TensorFlow Lite ``reference_ops::BroadcastPrelu4DSlow``.
"""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary
from accelsim.operators._quantized import quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import multiply_double


def _codes(call, x, alpha):
    source, slope, output = call.inputs[0], call.inputs[1], call.outputs[0]
    above = quantize_multiplier(float(scale_of(source) / scale_of(output)))
    below = quantize_multiplier(float(scale_of(source) * scale_of(slope) / scale_of(output)))
    centred = x - zero_of(source)
    negative = multiply_double(centred * (alpha - zero_of(slope)), *below)
    return np.where(centred >= 0, multiply_double(centred, *above), negative) + zero_of(output)


Attributes, output_shapes, work, evaluate = binary("prelu", lambda x, alpha: np.where(x >= 0, x, x * alpha), _codes, NoAttributes)
