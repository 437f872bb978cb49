"""How many thresholds of its channel a value reaches, as a code of few bits (what a binarised network does after a sum).

Inputs: tensor (..., C); thresholds (C, levels). Output: low + step * (thresholds that are not above the value).

Source: Y. Umuroglu et al., "FINN", arXiv:1612.07119, section 4.1.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Elementwise
from accelsim.kernels.bit_planes import thresholded
from accelsim.operators import Call
from accelsim.operators._move import misfit


@dataclass(frozen=True, slots=True)
class Attributes:
    """The code below all thresholds, and how much each one adds."""

    low: int = -1
    step: int = 2


def output_shapes(node, inputs):
    """Return the input's shape."""
    if len(inputs[1].shape) != 2 or inputs[1].shape[0] not in (1, inputs[0].shape[-1]):
        raise misfit(node, f"thresholds {inputs[1].shape} do not fit {inputs[0].shape[-1]} channels")
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return one comparison per element and threshold."""
    return (
        Elementwise(
            reads=(inputs[0].name,), weights=(inputs[1].name,), writes=(outputs[0].name,), operation="greater_equal",
            elements=inputs[0].elements * inputs[1].shape[1], operands=2, element_type=inputs[0].dtype,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the codes."""
    a, (values, thresholds) = call.node.attributes, call.values
    kind, channels = carrier(call.outputs[0].dtype), values.shape[-1]
    codes = np.empty(values.shape, kind)
    limits = np.broadcast_to(thresholds.T, (thresholds.shape[1], channels))
    operands = (np.ascontiguousarray(x, np.float32 if values.dtype.kind == "f" else np.int32) for x in (values.reshape(-1, channels), limits))
    thresholded(*operands, kind.type(a.low), kind.type(a.step), codes.reshape(-1, channels))
    return (codes,)
