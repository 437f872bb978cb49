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
from accelsim.operators._prepared import prepared


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
    kind, low, step, limits = prepared(call, _prepare)
    values = np.ascontiguousarray(call.values[0], limits.dtype)
    codes = np.empty(values.shape, kind)
    thresholded(values.reshape(-1, limits.shape[1]), limits, low, step, codes.reshape(-1, limits.shape[1]))
    return (codes,)


def _prepare(call: Call):
    """Return the type of the codes, the lowest code, the step and the limits of every level and channel."""
    a, thresholds = call.node.attributes, call.values[1]
    kind = carrier(call.outputs[0].dtype)
    limits = np.broadcast_to(thresholds.T, (thresholds.shape[1], call.inputs[0].shape[-1]))
    return kind, kind.type(a.low), kind.type(a.step), np.ascontiguousarray(limits, np.float32 if call.values[0].dtype.kind == "f" else np.int32)
