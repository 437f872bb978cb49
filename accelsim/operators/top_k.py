"""The k largest or smallest elements along an axis and where they stood; of equals the first comes first."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Select
from accelsim.operators import Call
from accelsim.operators._move import axis_of, misfit


@dataclass(frozen=True, slots=True)
class Attributes:
    """How many, along which axis, and from which end."""

    k: int = 1
    axis: int = -1
    largest: bool = True


def output_shapes(node, inputs):
    """Return the shape of the values and of the indices."""
    shape, a = inputs[0].shape, node.attributes
    axis = axis_of(node, a.axis, len(shape))
    if not 0 <= a.k <= shape[axis]:
        raise misfit(node, f"k {a.k} of extent {shape[axis]}")
    result = (*shape[:axis], a.k, *shape[axis + 1 :])
    return result, result


def work(node, inputs, outputs):
    """Return one Select."""
    return (
        Select(
            reads=(inputs[0].name,), writes=tuple(t.name for t in outputs), operation="top_k", elements=inputs[0].elements,
            results=outputs[0].elements, element_type=inputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the values and their indices, int64."""
    a, x = call.node.attributes, call.values[0]
    # Unsigned and boolean values have no negative: order by their rank instead.
    keys = np.unique(x, return_inverse=True)[1].reshape(x.shape)
    order = np.argsort(-keys if a.largest else keys, axis=a.axis, kind="stable")
    order = np.take(order, np.arange(a.k), axis=a.axis)
    return np.take_along_axis(x, order, a.axis), order.astype(np.int64)
