"""The first elements of each sequence of a batch in reverse order; lengths are the second input."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import axis_of, mover, trailing_run


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis of time and that of the batch."""

    time_axis: int = 0
    batch_axis: int = 1


def _shape(node, inputs):
    for axis in (node.attributes.time_axis, node.attributes.batch_axis):
        axis_of(node, axis, len(inputs[0].shape))
    return inputs[0].shape


def _move(call: Call):
    a, result = call.node.attributes, call.values[0].copy()
    view, source = (np.moveaxis(x, (a.batch_axis, a.time_axis), (0, 1)) for x in (result, call.values[0]))
    for item, length in enumerate(call.values[1]):
        view[item, :length] = source[item, :length][::-1]
    return result


output_shapes, work, evaluate = mover(
    _shape, _move, lambda node, inputs, shape: trailing_run(shape, max(node.attributes.time_axis, node.attributes.batch_axis) + 1)
)
