"""A tensor broadcast to a larger shape."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import misfit, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """The shape to which the input broadcasts; the result's shape is that of both together."""

    shape: tuple[int, ...] = ()


def _shape(node, inputs):
    try:
        return np.broadcast_shapes(inputs[0].shape, node.attributes.shape)
    except ValueError as error:
        raise misfit(node, f"shape {inputs[0].shape} does not broadcast to {node.attributes.shape}") from error


def _move(call: Call):
    return np.ascontiguousarray(np.broadcast_to(call.values[0], _shape(call.node, (call.values[0],))))


output_shapes, work, evaluate = mover(_shape, _move, lambda node, inputs, shape: inputs[0].shape[-1] if inputs[0].shape else 1)
