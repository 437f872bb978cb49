"""The mean of each window's elements inside the image."""

import numpy as np

from accelsim.kernels.pooling import average_pool
from accelsim.operators import Call
from accelsim.operators._onnxruntime import is_onnxruntime, real, saturated
from accelsim.operators._pool import pooling
from accelsim.operators._quantized import scale_of, zero_of
from accelsim.operators._spatial import window

Attributes, output_shapes, work, _evaluate = pooling("average", average_pool)


def evaluate(call: Call):
    """Return the means; integers as the runtime of the numerics computes them (onnxruntime: in float32)."""
    source, output = call.inputs[0], call.outputs[0]
    if output.quantization is None or not is_onnxruntime(call.numerics):
        return _evaluate(call)
    a, images = call.node.attributes, real(source, call.values[0])
    means = np.empty(output_shapes(call.node, (images,))[0], np.float32)
    _, (top, left) = window(images.shape[1:3], a.window, a.stride, (1, 1), a.padding)
    average_pool(images, *a.window, *a.stride, top, left, -np.float32(np.inf), np.float32(np.inf), means)
    # Unlike its other operators, onnxruntime's pooling adds the zero point before it rounds.
    return (saturated(means / scale_of(output) + np.float32(zero_of(output)), output),)
