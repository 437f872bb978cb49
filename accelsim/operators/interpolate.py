"""Resampling along one axis: each result is a weighted sum of a few elements of the input.

Inputs: tensor; which elements, int64 (size, taps); their weights, float32 (size, taps). What places and weights those
are (linear, cubic, anti-aliased, any meeting of the grids) is decided when the network is loaded.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Elementwise
from accelsim.operators import Call
from accelsim.operators._move import axis_of, misfit


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis that is resampled."""

    axis: int = 0


def output_shapes(node, inputs):
    """Return the input's shape with the new extent."""
    source, places, weights = inputs
    axis = axis_of(node, node.attributes.axis, len(source.shape))
    if len(places.shape) != 2 or places.shape != weights.shape:
        raise misfit(node, f"places {places.shape} and weights {weights.shape} are not one table")
    return ((*source.shape[:axis], places.shape[0], *source.shape[axis + 1 :]),)


def work(node, inputs, outputs):
    """Return one Elementwise with as many operands as taps."""
    return (
        Elementwise(
            reads=tuple(t.name for t in inputs if not t.is_constant), weights=tuple(t.name for t in inputs if t.is_constant),
            writes=(outputs[0].name,), operation="interpolate", elements=outputs[0].elements, operands=inputs[1].shape[1],
            element_type=inputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the weighted sums, in float32."""
    x, places, weights = call.values
    axis = call.node.attributes.axis % x.ndim
    column = [1] * x.ndim
    column[axis] = -1
    wide, result = x.astype(np.float32, copy=False), None
    for tap in range(places.shape[1]):
        part = np.take(wide, places[:, tap], axis=axis) * weights[:, tap].reshape(column)
        result = part if result is None else result + part
    if x.dtype.kind in "iu":
        limits = np.iinfo(x.dtype)
        result = np.clip(np.trunc(result), limits.min, limits.max)
    return (np.ascontiguousarray(result.astype(carrier(call.outputs[0].dtype))),)
