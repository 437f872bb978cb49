"""Index of the largest or smallest element along an axis."""

from dataclasses import dataclass

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Reduce
from accelsim.operators import Call
from accelsim.operators._move import axis_of


@dataclass(frozen=True, slots=True)
class Attributes:
    """The axis searched and whether it stays with extent 1."""

    axis: int = -1
    keep_dims: bool = False


def argument(operation: str, function):
    """Return (Attributes, output_shapes, work, evaluate); the first of equals wins."""

    def output_shapes(node, inputs):
        shape = inputs[0].shape
        axis = axis_of(node, node.attributes.axis, len(shape))
        return ((*shape[:axis], *((1,) if node.attributes.keep_dims else ()), *shape[axis + 1 :]),)

    def work(node, inputs, outputs):
        source = inputs[0]
        return (
            Reduce(
                reads=(source.name,), writes=(outputs[0].name,), operation=operation, elements=source.elements, results=outputs[0].elements,
                element_type=source.dtype,
            ),
        )  # fmt: skip

    def evaluate(call: Call):
        a = call.node.attributes
        return (function(call.values[0], axis=a.axis, keepdims=a.keep_dims).astype(carrier(call.outputs[0].dtype)),)

    return Attributes, output_shapes, work, evaluate
