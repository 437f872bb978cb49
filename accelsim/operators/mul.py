"""Product of two tensors.

Source of the integer rule: TensorFlow Lite ``reference_ops::Mul``; under onnxruntime's numerics ``_onnxruntime``.
"""

import numpy as np

from accelsim.operators._binary import binary
from accelsim.operators._onnxruntime import is_onnxruntime, multiplied
from accelsim.operators._quantized import quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import multiply_double


def _codes(call, a, b):
    if is_onnxruntime(call.numerics):
        return multiplied(call)
    first, second, output = call.inputs[0], call.inputs[1], call.outputs[0]
    real = float(scale_of(first) * scale_of(second) / scale_of(output))
    return multiply_double((a - zero_of(first)) * (b - zero_of(second)), *quantize_multiplier(real)) + zero_of(output)


Attributes, output_shapes, work, evaluate = binary("mul", np.multiply, _codes)
