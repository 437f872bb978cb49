"""From integers, or from narrow floats, to float32."""

import numpy as np

from accelsim.graph.work import Convert
from accelsim.operators import Call
from accelsim.operators._unary import NoAttributes

Attributes = NoAttributes


def output_shapes(node, inputs):
    """Return the input's shape."""
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return one Convert."""
    return (
        Convert(
            reads=(inputs[0].name,), writes=(outputs[0].name,), operation="dequantize", elements=inputs[0].elements, input_type=inputs[0].dtype,
            output_type=outputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return scale * (code - zero point), along the axis where scales are per channel."""
    values, q = call.values[0], call.inputs[0].quantization
    if q is None:
        return (values.astype(np.float32),)
    scale, zero = q.scale, q.zero_point
    if not q.per_tensor:
        shape = [1] * values.ndim
        shape[q.axis] = -1
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    # The reference multiplies in double precision and stores single; below 2**24, where codes are exact in single, that is one rounding too.
    if values.dtype.itemsize <= 2:
        real = values.astype(np.float32)
        real -= zero.astype(np.float32)
        real *= scale.astype(np.float32, copy=False)
        return (real,)
    return (((values.astype(np.int64) - zero) * scale.astype(np.float64)).astype(np.float32),)
