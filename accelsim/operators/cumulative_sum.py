"""Running sums along an axis."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Reduce
from accelsim.operators import Call
from accelsim.operators._move import axis_of


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis; whether an element leaves itself out; whether sums run from the end; products in place of sums."""

    axis: int = 0
    exclusive: bool = False
    reverse: bool = False
    product: bool = False


def output_shapes(node, inputs):
    """Return the input's shape."""
    axis_of(node, node.attributes.axis, len(inputs[0].shape))
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return one Reduce with as many results as elements."""
    return (
        Reduce(
            reads=(inputs[0].name,), writes=(outputs[0].name,), operation="prod" if node.attributes.product else "sum", elements=inputs[0].elements,
            results=inputs[0].elements, element_type=inputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the running sums."""
    a = call.node.attributes
    x = np.moveaxis(call.values[0], a.axis, 0)
    x = x[::-1] if a.reverse else x
    fold, neutral = (np.cumprod, 1) if a.product else (np.cumsum, 0)
    if a.exclusive:
        x = np.concatenate([np.full_like(x[:1], neutral), x[:-1]])
    result = fold(x, axis=0, dtype=x.dtype)
    return (np.ascontiguousarray(np.moveaxis(result[::-1] if a.reverse else result, 0, a.axis)),)
