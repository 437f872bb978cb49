"""A tensor in which slices named by whole index vectors are replaced, or combined with updates."""

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import misfit, mover
from accelsim.operators._scatter import Attributes as Attributes
from accelsim.operators._scatter import combine


def _shape(node, inputs):
    data, indices, updates = (t.shape for t in inputs)
    if not indices or indices[-1] > len(data) or updates != (*indices[:-1], *data[indices[-1] :]):
        raise misfit(node, f"indices {indices} and updates {updates} do not fit data {data}")
    return data


def _move(call: Call):
    data, indices, updates = call.values
    index = np.moveaxis(indices, -1, 0)
    extents = np.array(data.shape[: indices.shape[-1]]).reshape(-1, *[1] * (index.ndim - 1))
    return combine(call, data, tuple(np.where(index < 0, index + extents, index)), updates)


output_shapes, work, evaluate = mover(_shape, _move, "gather")
