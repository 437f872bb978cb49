"""Tensors of one shape stacked along a new axis."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._move import axis_of, misfit, mover, trailing_run


@dataclass(frozen=True, slots=True)
class Attributes:
    """Where the new axis stands in the result."""

    axis: int = 0


def _shape(node, inputs):
    shape = inputs[0].shape
    if any(t.shape != shape for t in inputs):
        raise misfit(node, f"shapes {[t.shape for t in inputs]} differ")
    axis = axis_of(node, node.attributes.axis, len(shape) + 1)
    return (*shape[:axis], len(inputs), *shape[axis:])


def _run(node, inputs, shape):
    return trailing_run(inputs[0].shape, axis_of(node, node.attributes.axis, len(shape)))


output_shapes, work, evaluate = mover(_shape, lambda call: np.stack(call.values, axis=call.node.attributes.axis), _run)
