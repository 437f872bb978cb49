"""Floats to integers of few bits between two limits: round(clip(x / scale + zero point)), or the sign.

Source: the QONNX operators Quant and BipolarQuant, arXiv:2206.07527, section IV.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Convert
from accelsim.operators import Call
from accelsim.operators.quantize import spread

ROUNDINGS = {"round": np.rint, "ceil": np.ceil, "floor": np.floor, "round_to_zero": np.trunc}


@dataclass(frozen=True, slots=True)
class Attributes:
    """Smallest and largest code, and the rounding: "round" (half to even), "ceil", "floor", "round_to_zero" or "sign" (-1 or 1)."""

    low: int = -1
    high: int = 1
    rounding: str = "round"


def output_shapes(node, inputs):
    """Return the input's shape."""
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return one Convert."""
    return (
        Convert(
            reads=(inputs[0].name,), writes=(outputs[0].name,), operation="quantize", elements=inputs[0].elements, input_type=inputs[0].dtype,
            output_type=outputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the codes."""
    a, x = call.node.attributes, call.values[0]
    if a.rounding == "sign":
        return (np.where(x >= 0, 1, -1).astype(carrier(call.outputs[0].dtype)),)
    if a.rounding not in ROUNDINGS:
        raise call.unsupported(f"rounding '{a.rounding}' is not one of sign, {', '.join(ROUNDINGS)}")
    scale, zero = spread(call.outputs[0], x.ndim)
    return (ROUNDINGS[a.rounding](np.clip(x / scale + zero, a.low, a.high)).astype(carrier(call.outputs[0].dtype)),)
