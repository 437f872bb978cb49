"""Floats to uint8 codes with a scale and zero point taken from their own range.

Source: the ONNX operator specification of DynamicQuantizeLinear.
"""

import numpy as np

from accelsim.graph.work import Convert, Reduce
from accelsim.operators import Call
from accelsim.operators._unary import NoAttributes

Attributes = NoAttributes


def output_shapes(node, inputs):
    """Return the shapes of the codes, the scale and the zero point."""
    return inputs[0].shape, (), ()


def work(node, inputs, outputs):
    """Return the search for the range and the conversion."""
    n, kind = inputs[0].elements, inputs[0].dtype
    return (
        Reduce(reads=(inputs[0].name,), writes=tuple(t.name for t in outputs[1:]), operation="max", elements=2 * n, results=2, element_type=kind),
        Convert(reads=(inputs[0].name,), writes=(outputs[0].name,), operation="quantize", elements=n, input_type=kind, output_type="uint8"),
    )


def evaluate(call: Call):
    """Return codes, scale and zero point."""
    x = call.values[0]
    low, high = min(np.float32(0), x.min(initial=0)), max(np.float32(0), x.max(initial=0))
    scale = np.float32(high - low) / np.float32(255) or np.float32(1)
    zero = np.clip(np.rint(-low / scale), 0, 255)
    codes = np.clip(np.rint(x / scale) + zero, 0, 255).astype(np.uint8)
    return codes, np.array(scale, np.float32), np.array(zero, np.uint8)
