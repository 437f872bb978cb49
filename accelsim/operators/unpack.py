"""The slices of a tensor along one axis, which vanishes."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Move
from accelsim.operators import Call
from accelsim.operators._move import axis_of, trailing_run


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis that vanishes."""

    axis: int = 0


def output_shapes(node, inputs):
    """Return one shape per slice."""
    shape = inputs[0].shape
    axis = axis_of(node, node.attributes.axis, len(shape))
    return ((*shape[:axis], *shape[axis + 1 :]),) * shape[axis]


def work(node, inputs, outputs):
    """Return one Move."""
    run = trailing_run(inputs[0].shape, axis_of(node, node.attributes.axis, len(inputs[0].shape)) + 1) * inputs[0].bits
    return (
        Move(
            reads=(inputs[0].name,), writes=tuple(t.name for t in outputs), pattern="contiguous" if run >= 512 else "strided",
            elements=inputs[0].elements, element_type=inputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the slices."""
    return tuple(np.ascontiguousarray(part) for part in np.moveaxis(call.values[0], call.node.attributes.axis, 0))
