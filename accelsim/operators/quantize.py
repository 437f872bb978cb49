"""From float to integers, or from one scale to another.

Source: TensorFlow Lite ``reference_ops::AffineQuantize`` and ``reference_ops::Requantize``; ONNX QuantizeLinear, which
rounds halves to even.
"""

import numpy as np

from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Convert
from accelsim.operators import Call
from accelsim.operators._quantized import FLOATS, bounds, quantization_of, quantize_multiplier, round_away, scale_of, zero_of
from accelsim.operators._rounding import multiply_double
from accelsim.operators._unary import NoAttributes

Attributes = NoAttributes


def output_shapes(node, inputs):
    """Return the input's shape."""
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return one Convert."""
    operation = "quantize" if inputs[0].dtype in FLOATS else "requantize"
    return (
        Convert(
            reads=(inputs[0].name,), writes=(outputs[0].name,), operation=operation, elements=inputs[0].elements, input_type=inputs[0].dtype,
            output_type=outputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the codes of the output's scale."""
    source, output, values = call.inputs[0], call.outputs[0], call.values[0]
    low, high = bounds(output.dtype)
    if source.dtype in FLOATS:
        scale, zero = spread(output, values.ndim)
        codes = np.divide(values, scale)
        codes = np.rint(codes, out=codes) if call.numerics.requantization == "float_half_even" else round_away(codes)
        codes += zero
        np.minimum(np.maximum(codes, low, out=codes), high, out=codes)
        return (codes.astype(output.dtype),)
    if source.dtype in ("int8", "uint8"):
        every = np.arange(256, dtype=np.uint8).view(source.dtype)
        return (np.clip(_requantized(call, every), low, high).astype(output.dtype)[values.view(np.uint8)],)
    return (np.clip(_requantized(call, values), low, high).astype(output.dtype),)


def spread(tensor: Tensor, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scale and zero point in float32, shaped so that they broadcast along their axis."""
    q = quantization_of(tensor)
    shape = () if q.per_tensor else tuple(-1 if i == q.axis else 1 for i in range(rank))
    return q.scale.astype(np.float32).reshape(shape), q.zero_point.astype(np.float32).reshape(shape)


def _requantized(call: Call, codes: np.ndarray) -> np.ndarray:
    source, output = call.inputs[0], call.outputs[0]
    multiplier = quantize_multiplier(float(scale_of(source)) / float(scale_of(output)))
    return multiply_double(codes.astype(np.int64) - zero_of(source), *multiplier) + zero_of(output)
