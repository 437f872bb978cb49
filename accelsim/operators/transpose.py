"""Axes in another order."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import misfit, mover, trailing_run


@dataclass(frozen=True, slots=True)
class Attributes:
    """Which input axis stands at each place of the result."""

    permutation: tuple[int, ...] = ()


def _shape(node, inputs):
    shape, order = inputs[0].shape, node.attributes.permutation
    if sorted(order) != list(range(len(shape))):
        raise misfit(node, f"{order} is no permutation of {len(shape)} axes")
    return tuple(shape[axis] for axis in order)


def _run(node, inputs, shape):
    order = node.attributes.permutation
    fixed = len(order)
    while fixed and order[fixed - 1] == fixed - 1:
        fixed -= 1
    return trailing_run(shape, fixed)


def _move(call: Call):
    return np.ascontiguousarray(np.transpose(call.values[0], call.node.attributes.permutation))


output_shapes, work, evaluate = mover(_shape, _move, _run)
