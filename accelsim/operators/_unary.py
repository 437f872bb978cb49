"""Element-wise functions of one tensor: floats by numpy, 8-bit integers through a table of their 256 codes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Elementwise, Lookup
from accelsim.operators import Call
from accelsim.operators._onnxruntime import coded, is_onnxruntime, real
from accelsim.operators._quantized import FLOATS, bounds, round_away, scale_of, zero_of


@dataclass(frozen=True, slots=True)
class NoAttributes:
    """The operator has no parameters."""


Function = Callable[[np.ndarray, object], np.ndarray]
Codes = Callable[[Call, np.ndarray], np.ndarray]


def by_table(function: Function) -> Codes:
    """Return the integer rule of TFLite's lookup activations: dequantise, apply, quantise, in single precision.

    Source: ``kernels/activations.cc``, PopulateLookupTable.
    """

    def codes_of(call: Call, codes: np.ndarray) -> np.ndarray:
        if is_onnxruntime(call.numerics):
            return coded(call.outputs[0], function(real(call.inputs[0], codes), call.node.attributes).astype(np.float32)).astype(np.int64)
        source, output = call.inputs[0], call.outputs[0]
        values = scale_of(source) * (codes - zero_of(source)).astype(np.float32)
        inverse = np.float32(1) / scale_of(output)
        return round_away(function(values, call.node.attributes).astype(np.float32) * inverse) + zero_of(output)

    return codes_of


def unary(operation: str, function: Function, codes: Codes | None = None, attributes: type = NoAttributes, by_lookup: bool = True):
    """Return (Attributes, output_shapes, work, evaluate) of an element-wise operator.

    Parameters
    ----------
    function : callable (array, attributes) -> array
        In float32.
    codes : callable (call, integer codes) -> integers before saturation, optional
        The quantised rule; without it quantised tensors are refused.
    by_lookup : bool
        A quantised one costs a table access; else it is arithmetic of the vector unit (clamps).
    """

    def output_shapes(node, inputs):
        return (inputs[0].shape,)

    def work(node, inputs, outputs):
        common = {"reads": (inputs[0].name,), "writes": (outputs[0].name,), "element_type": inputs[0].dtype}
        if codes is not None and by_lookup and inputs[0].dtype not in FLOATS and inputs[0].quantization is not None:
            return (Lookup(operation=operation, elements=inputs[0].elements, **common),)
        return (Elementwise(operation=operation, elements=inputs[0].elements, **common),)

    def evaluate(call: Call):
        source, output, values = call.inputs[0], call.outputs[0], call.values[0]
        if source.quantization is None or source.dtype in FLOATS:
            return (np.asarray(function(values, call.node.attributes), carrier(output.dtype)),)
        if codes is None:
            raise call.unsupported(f"no kernel computes it on quantised {source.dtype}")
        low, high = bounds(output.dtype)
        if source.dtype in ("int8", "uint8"):
            every = np.arange(256, dtype=np.uint8).view(source.dtype).astype(np.int64)
            table = np.clip(codes(call, every), low, high).astype(output.dtype)
            return (table[values.view(np.uint8)],)
        return (np.clip(codes(call, values.astype(np.int64)), low, high).astype(output.dtype),)

    return attributes, output_shapes, work, evaluate
