"""Slices picked by whole index vectors."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import misfit, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """Leading axes that data and indices share."""

    batch_axes: int = 0


def _shape(node, inputs):
    data, indices, shared = inputs[0].shape, inputs[1].shape, node.attributes.batch_axes
    if not indices or data[:shared] != indices[:shared] or shared + indices[-1] > len(data):
        raise misfit(node, f"index vectors {indices} do not fit data {data} with {shared} shared axes")
    return (*indices[:-1], *data[shared + indices[-1] :])


def _move(call: Call):
    data, indices, shared = call.values[0], call.values[1], call.node.attributes.batch_axes
    grid = np.ogrid[tuple(slice(n) for n in data.shape[:shared])]
    between = (1,) * (indices.ndim - 1 - shared)
    leading = tuple(np.asarray(g).reshape(g.shape + between) for g in grid) if shared else ()
    return np.ascontiguousarray(data[(*leading, *np.moveaxis(indices, -1, 0))])


output_shapes, work, evaluate = mover(_shape, _move, "gather")
