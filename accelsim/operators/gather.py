"""Slices picked by index along an axis (embedding rows)."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import axis_of, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis along which the indices (second input) pick."""

    axis: int = 0


def _shape(node, inputs):
    shape = inputs[0].shape
    axis = axis_of(node, node.attributes.axis, len(shape))
    return (*shape[:axis], *inputs[1].shape, *shape[axis + 1 :])


def _move(call: Call):
    return np.take(call.values[0], call.values[1], axis=call.node.attributes.axis)


output_shapes, work, evaluate = mover(_shape, _move, "gather")
