"""Logarithm of the softmax along the last axis."""

import numpy as np

from accelsim.graph.work import Elementwise, Reduce
from accelsim.operators import Call
from accelsim.operators._quantized import FLOATS
from accelsim.operators._unary import NoAttributes

Attributes = NoAttributes


def output_shapes(node, inputs):
    """Return the input's shape."""
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return the maximum, the exponentials, their sum and the differences."""
    n, rows = inputs[0].elements, inputs[0].elements // max(1, inputs[0].shape[-1])
    kind = inputs[0].dtype
    return (
        Reduce(reads=(inputs[0].name,), operation="max", elements=n, results=rows, element_type=kind),
        Elementwise(operation="exp", elements=n, element_type=kind),
        Reduce(operation="sum", elements=n, results=rows, element_type=kind),
        Elementwise(operation="log", elements=rows, element_type=kind),
        Elementwise(writes=(outputs[0].name,), operation="sub", elements=n, operands=2, element_type=kind),
    )


def evaluate(call: Call):
    """Return x - max - log(sum(exp(x - max))) in float32."""
    if call.inputs[0].dtype not in FLOATS:
        raise call.unsupported(f"no kernel computes it on {call.inputs[0].dtype}")
    centred = call.values[0] - call.values[0].max(axis=-1, keepdims=True)
    return (centred - np.log(np.exp(centred).sum(axis=-1, keepdims=True, dtype=np.float32)),)
