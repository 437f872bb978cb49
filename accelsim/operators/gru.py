"""A layer of gated recurrent units over a sequence.

Inputs: sequence (time, batch, features); input weights and recurrent weights of the update, reset and new gate, one
below the other; their two biases; the first state. Outputs: the state of every step; the last state.

Source: K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", arXiv:1406.1078, equations 5 to 8.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._cell import clipped, scan, shapes, walk


@dataclass(frozen=True, slots=True)
class Attributes:
    """Whether the reset gate acts after the recurrent product (else before it), and a bound on sums (0 for none)."""

    reset_after: bool = False
    clip: float = 0.0


def output_shapes(node, inputs):
    """Return the shapes of all states and of the last one."""
    return shapes(node, inputs, 3)


def work(node, inputs, outputs):
    """Return one Scan: two products of three gates, three activations, five element-wise steps."""
    return scan(node, inputs, outputs, 3, (("logistic", 2), ("tanh", 1)), 5)


def evaluate(call: Call):
    """Return all states and the last one."""
    a, recurrence, bias = call.node.attributes, call.values[2], call.values[4]
    hidden = recurrence.shape[1]
    gates, new = recurrence[: 2 * hidden].T, recurrence[2 * hidden :].T

    def step(projected, state):
        sums = clipped(projected[:, : 2 * hidden] + state @ gates + bias[: 2 * hidden], a.clip)
        update, reset = np.split(1 / (1 + np.exp(-sums)), 2, axis=1)
        if a.reset_after:
            remembered = reset * (state @ new + bias[2 * hidden :])
        else:
            remembered = (reset * state) @ new + bias[2 * hidden :]
        candidate = np.tanh(clipped(projected[:, 2 * hidden :] + remembered, a.clip))
        return (1 - update) * candidate + update * state

    return walk(call, step)
