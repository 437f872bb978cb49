"""Local response normalisation across channels: x / (bias + alpha * sum of squares of the neighbours) ** beta.

Source: A. Krizhevsky et al., NIPS 2012, section 3.3: the neighbours on both sides count, as in TensorFlow, ONNX and Caffe.
TensorFlow Lite's kernel (float32 only) leaves the last of them out, so that it is no reference here.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Elementwise, Reduce
from accelsim.operators import Call
from accelsim.operators._quantized import FLOATS


@dataclass(frozen=True, slots=True)
class Attributes:
    """Channels on each side that count, and the constants of the formula."""

    radius: int = 5
    bias: float = 1.0
    alpha: float = 1.0
    beta: float = 0.5


def output_shapes(node, inputs):
    """Return the input's shape."""
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return squares, window sums, powers and products."""
    n, kind = inputs[0].elements, inputs[0].dtype
    return (
        Elementwise(reads=(inputs[0].name,), operation="square", elements=n, element_type=kind),
        Reduce(operation="sum", elements=n * (2 * node.attributes.radius + 1), results=n, element_type=kind),
        Elementwise(operation="pow", elements=n, element_type=kind),
        Elementwise(writes=(outputs[0].name,), operation="mul", elements=n, operands=2, element_type=kind),
    )


def evaluate(call: Call):
    """Return the normalised values; float32 only."""
    if call.inputs[0].dtype not in FLOATS:
        raise call.unsupported(f"no kernel computes it on {call.inputs[0].dtype}", "dequantize before it")
    a, x = call.node.attributes, call.values[0]
    channels = x.shape[-1]
    totals = np.zeros((*x.shape[:-1], channels + 1), np.float64)
    np.cumsum(np.square(x, dtype=np.float64), axis=-1, out=totals[..., 1:])
    at = np.arange(channels)
    energy = totals[..., np.minimum(at + a.radius + 1, channels)] - totals[..., np.maximum(at - a.radius, 0)]
    return ((x * (a.bias + a.alpha * energy) ** -a.beta).astype(np.float32),)
