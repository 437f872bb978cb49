"""Parts of a tensor along an axis."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Move
from accelsim.operators import Call
from accelsim.operators._move import axis_of, misfit, trailing_run


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis and the extent of each part."""

    axis: int = 0
    sizes: tuple[int, ...] = ()


def output_shapes(node, inputs):
    """Return each part's shape."""
    shape, sizes = inputs[0].shape, node.attributes.sizes
    axis = axis_of(node, node.attributes.axis, len(shape))
    if sum(sizes) != shape[axis] or min(sizes, default=0) < 0:
        raise misfit(node, f"parts {sizes} do not fill extent {shape[axis]}")
    return tuple((*shape[:axis], size, *shape[axis + 1 :]) for size in sizes)


def work(node, inputs, outputs):
    """Return one Move of all parts."""
    axis = axis_of(node, node.attributes.axis, len(inputs[0].shape))
    run = min(trailing_run(t.shape, axis) for t in outputs) * inputs[0].bits
    return (
        Move(
            reads=(inputs[0].name,), writes=tuple(t.name for t in outputs), pattern="contiguous" if run >= 512 else "strided",
            elements=inputs[0].elements, element_type=inputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the parts."""
    a = call.node.attributes
    return tuple(np.ascontiguousarray(part) for part in np.split(call.values[0], np.cumsum(a.sizes)[:-1], axis=a.axis))
