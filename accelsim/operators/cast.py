"""Change of element type without scaling; floats lose their fraction."""

from dataclasses import dataclass

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Convert
from accelsim.operators import Call


@dataclass(frozen=True, slots=True)
class Attributes:
    """The type is that of the output tensor."""


def output_shapes(node, inputs):
    """Return the input's shape."""
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return one Convert."""
    return (
        Convert(
            reads=(inputs[0].name,), writes=(outputs[0].name,), operation="cast", elements=inputs[0].elements, input_type=inputs[0].dtype,
            output_type=outputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the values in the output's type."""
    return (call.values[0].astype(carrier(call.outputs[0].dtype)),)
