"""1 at the first largest element along an axis, 0 elsewhere."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Elementwise, Reduce
from accelsim.operators import Call
from accelsim.operators._move import axis_of


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis searched."""

    axis: int = -1


def output_shapes(node, inputs):
    """Return the input's shape."""
    axis_of(node, node.attributes.axis, len(inputs[0].shape))
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return the search for the largest and the comparison with it."""
    n, rows, kind = inputs[0].elements, inputs[0].elements // max(1, inputs[0].shape[node.attributes.axis]), inputs[0].dtype
    return (
        Reduce(reads=(inputs[0].name,), operation="argmax", elements=n, results=rows, element_type=kind),
        Elementwise(writes=(outputs[0].name,), operation="equal", elements=n, operands=2, element_type=kind),
    )


def evaluate(call: Call):
    """Return the ones and zeros."""
    x, axis = call.values[0], call.node.attributes.axis
    result = np.zeros_like(x)
    np.put_along_axis(result, np.expand_dims(x.argmax(axis=axis), axis), 1, axis=axis)
    return (result,)
