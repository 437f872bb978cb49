"""A tensor in which single elements along an axis are replaced, or combined with updates."""

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import axis_of, misfit, mover
from accelsim.operators._scatter import Attributes as Attributes
from accelsim.operators._scatter import combine


def _shape(node, inputs):
    axis_of(node, node.attributes.axis, len(inputs[0].shape))
    if inputs[1].shape != inputs[2].shape or len(inputs[1].shape) != len(inputs[0].shape):
        raise misfit(node, f"indices {inputs[1].shape} and updates {inputs[2].shape} do not fit data {inputs[0].shape}")
    return inputs[0].shape


def _move(call: Call):
    data, indices, updates = call.values
    axis = call.node.attributes.axis % data.ndim
    index = list(np.ogrid[tuple(slice(n) for n in indices.shape)])
    index[axis] = np.where(indices < 0, indices + data.shape[axis], indices)
    return combine(call, data, tuple(np.broadcast_arrays(*index)), updates)


output_shapes, work, evaluate = mover(_shape, _move, "gather")
