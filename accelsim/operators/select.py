"""Elements of a or b as a condition says, with broadcasting."""

import numpy as np

from accelsim.graph.work import Elementwise
from accelsim.operators import Call
from accelsim.operators._move import misfit
from accelsim.operators._unary import NoAttributes

Attributes = NoAttributes


def output_shapes(node, inputs):
    """Return the shape to which the three inputs broadcast."""
    try:
        return (np.broadcast_shapes(*(t.shape for t in inputs)),)
    except ValueError as error:
        raise misfit(node, f"shapes {[t.shape for t in inputs]} do not broadcast") from error


def work(node, inputs, outputs):
    """Return one Elementwise of three operands."""
    return (
        Elementwise(
            reads=tuple(t.name for t in inputs if not t.is_constant), weights=tuple(t.name for t in inputs if t.is_constant),
            writes=(outputs[0].name,), operation="select", elements=outputs[0].elements, operands=3, element_type=outputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return where(condition, a, b)."""
    return (np.where(*call.values),)
