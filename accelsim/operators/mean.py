"""Mean over axes (global average pooling in newer converters).

Source of the integer rule: TensorFlow Lite ``reference_integer_ops::Mean`` and ``kernels/reduce.cc``: the sum of
the codes less their zero points, scaled by a multiplier that holds 1 / count.
"""

import numpy as np

from accelsim.operators._onnxruntime import averaged, is_onnxruntime
from accelsim.operators._quantized import quantize_multiplier, scale_of, zero_of
from accelsim.operators._reduce import folded, reduction
from accelsim.operators._rounding import multiply_double


def _codes(call, axes):
    if is_onnxruntime(call.numerics):
        return averaged(call, axes)
    source, output = call.inputs[0], call.outputs[0]
    total, count = folded(call, axes)
    multiplier, shift = quantize_multiplier(float(scale_of(source)) / float(scale_of(output)))
    # The reference folds 1 / count into the multiplier, first shifted up so that it keeps its 31 bits.
    up = min(count.bit_length() - 1, 32, 31 + shift)
    multiplier = (multiplier << up) // count
    return multiply_double(total - count * zero_of(source), multiplier, shift - up) + zero_of(output)


def _mean(x, axis, keepdims):
    if np.issubdtype(x.dtype, np.integer):
        return np.trunc(x.mean(axis=axis, keepdims=keepdims, dtype=np.float64))
    return x.mean(axis=axis, keepdims=keepdims, dtype=np.float32)


Attributes, output_shapes, work, evaluate = reduction("mean", _mean, _codes)
