"""A plain recurrent layer over a sequence: state = activation(input weights x + recurrent weights state + biases).

Inputs: sequence (time, batch, features); input weights; recurrent weights; their two biases; the first state. Outputs:
the state of every step; the last state.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._cell import clipped, scan, shapes, walk

ACTIVATIONS = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, np.float32(0))}


@dataclass(frozen=True, slots=True)
class Attributes:
    """The activation ("tanh" or "relu"), and a bound on sums (0 for none)."""

    activation: str = "tanh"
    clip: float = 0.0


def output_shapes(node, inputs):
    """Return the shapes of all states and of the last one."""
    return shapes(node, inputs, 1)


def work(node, inputs, outputs):
    """Return one Scan: two products, one activation, one sum."""
    return scan(node, inputs, outputs, 1, ((node.attributes.activation, 1),), 1)


def evaluate(call: Call):
    """Return all states and the last one."""
    a = call.node.attributes
    if a.activation not in ACTIVATIONS:
        raise call.unsupported(f"activation '{a.activation}' is not one of {', '.join(ACTIVATIONS)}")
    return walk(call, lambda projected, state: ACTIVATIONS[a.activation](clipped(projected + state @ call.values[2].T + call.values[4], a.clip)))
