"""A new axis that is on where an index points and off elsewhere; inputs: indices, (off, on)."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import axis_of, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """Extent of the new axis and where it stands in the result."""

    depth: int = 1
    axis: int = -1


def _shape(node, inputs):
    axis = axis_of(node, node.attributes.axis, len(inputs[0].shape) + 1)
    return (*inputs[0].shape[:axis], node.attributes.depth, *inputs[0].shape[axis:])


def _move(call: Call):
    a, (indices, values) = call.node.attributes, call.values
    axis = a.axis % (indices.ndim + 1)
    whole = np.trunc(indices).astype(np.int64)
    place = np.expand_dims(np.where(whole < 0, whole + a.depth, whole), axis)
    steps = np.arange(a.depth).reshape([-1 if i == axis else 1 for i in range(indices.ndim + 1)])
    return np.where(place == steps, values[1], values[0])


output_shapes, work, evaluate = mover(_shape, _move, "gather")
