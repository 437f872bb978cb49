"""Elements picked one by one along an axis: the indices have the result's shape."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import axis_of, misfit, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis along which the indices (second input) pick."""

    axis: int = 0


def _shape(node, inputs):
    axis_of(node, node.attributes.axis, len(inputs[0].shape))
    if len(inputs[0].shape) != len(inputs[1].shape):
        raise misfit(node, f"data {inputs[0].shape} and indices {inputs[1].shape} differ in rank")
    return inputs[1].shape


def _move(call: Call):
    data, indices, axis = call.values[0], call.values[1], call.node.attributes.axis
    part = data[tuple(slice(None) if i == axis % data.ndim else slice(n) for i, n in enumerate(indices.shape))]
    return np.take_along_axis(part, indices.astype(np.int64), axis)


output_shapes, work, evaluate = mover(_shape, _move, "gather")
