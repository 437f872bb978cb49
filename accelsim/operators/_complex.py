"""Functions from complex numbers to real ones."""

from collections.abc import Callable

import numpy as np

from accelsim.graph.work import Elementwise, Move
from accelsim.operators import Call
from accelsim.operators._unary import NoAttributes


def part(operation: str, function: Callable[[np.ndarray], np.ndarray]):
    """Return (Attributes, output_shapes, work, evaluate): a magnitude is arithmetic, taking every second number a move."""

    def output_shapes(node, inputs):
        return (inputs[0].shape,)

    def work(node, inputs, outputs):
        common = {"reads": (inputs[0].name,), "writes": (outputs[0].name,), "elements": inputs[0].elements, "element_type": outputs[0].dtype}
        return (Elementwise(operation=operation, **common),) if operation == "complex_abs" else (Move(pattern="strided", **common),)

    def evaluate(call: Call):
        if call.inputs[0].dtype != "complex64":
            raise call.unsupported(f"{call.inputs[0].dtype} is not complex")
        return (np.ascontiguousarray(function(call.values[0]), np.float32),)

    return NoAttributes, output_shapes, work, evaluate
