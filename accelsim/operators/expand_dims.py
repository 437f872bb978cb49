"""A new axis of extent 1."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._move import axis_of, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """Where the new axis stands in the result."""

    axis: int = 0


def _shape(node, inputs):
    shape = inputs[0].shape
    axis = axis_of(node, node.attributes.axis, len(shape) + 1)
    return (*shape[:axis], 1, *shape[axis:])


output_shapes, work, evaluate = mover(_shape, lambda call: np.expand_dims(call.values[0], call.node.attributes.axis), "view")
