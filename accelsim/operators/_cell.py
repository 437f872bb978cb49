"""What plain recurrent layers share: extents, the work of a scan, the walk over time."""

from collections.abc import Callable

import numpy as np

from accelsim.graph.work import Contraction, Elementwise, Scan
from accelsim.operators import Call
from accelsim.operators._contraction import refuse


def extents(node, inputs, gates: int) -> tuple[int, int, int, int]:
    """Return (steps, batch, features, hidden) of a sequence (time, batch, features) with weights (gates * hidden, features)."""
    sequence, weights, recurrence = (t.shape for t in inputs[:3])
    hidden = recurrence[-1]
    if len(sequence) != 3 or weights != (gates * hidden, sequence[2]) or recurrence != (gates * hidden, hidden):
        raise refuse(node, f"sequence {sequence} does not fit weights {weights} and recurrent weights {recurrence}")
    if any(t.shape != (gates * hidden,) for t in inputs[3:5]) or inputs[5].shape != (sequence[1], hidden):
        raise refuse(node, f"biases {[t.shape for t in inputs[3:5]]} or state {inputs[5].shape} do not fit {hidden} units")
    return *sequence, hidden


def shapes(node, inputs, gates: int):
    """Return the shapes of all states and of the last one."""
    steps, batch, _, hidden = extents(node, inputs, gates)
    return (steps, batch, hidden), (batch, hidden)


def scan(node, inputs, outputs, gates: int, activations: tuple[tuple[str, int], ...], products: int):
    """Return one Scan: per step two matrix products of all gates, the activations, the element-wise steps.

    Parameters
    ----------
    activations : tuple of (operation, how often per unit)
    products : int
        Element-wise products and sums per unit.
    """
    steps, batch, features, hidden = extents(node, inputs, gates)
    source, weights, recurrence, bias, other, state = inputs
    kind, n = source.dtype, batch * hidden
    common = {"out_h": batch, "in_h": batch, "filters": gates * hidden, "input_type": kind, "weight_type": weights.dtype, "output_type": kind, "has_bias": True}

    def named(*tensors):
        return tuple(t.name for t in tensors if t.is_constant)

    inner = (
        Contraction(reads=(source.name,), weights=named(weights, bias), channels=features, **common),
        Contraction(reads=(state.name,), weights=named(recurrence, other), channels=hidden, **common),
        *(Elementwise(operation=operation, elements=times * n, element_type=kind) for operation, times in activations),
        Elementwise(writes=tuple(t.name for t in outputs), operation="mul", elements=products * n, operands=2, element_type=kind),
    )
    reads = tuple(t.name for t in inputs if not t.is_constant)
    return (Scan(inner=inner, steps=steps, reads=reads, weights=named(*inputs), writes=tuple(t.name for t in outputs)),)


def walk(call: Call, step: Callable[[np.ndarray, np.ndarray], np.ndarray]):
    """Return (all states, last state) of ``step(projected input, state) -> state``."""
    if call.inputs[0].dtype != "float32" or call.inputs[1].dtype != "float32":
        raise call.unsupported(f"no kernel computes it on {call.inputs[0].dtype} with weights of {call.inputs[1].dtype}")
    sequence, weights, _, bias, _, state = call.values
    states = []
    for projected in sequence @ weights.T + bias:
        state = step(projected, state)
        states.append(state)
    return np.stack(states), state


def clipped(x: np.ndarray, limit: float) -> np.ndarray:
    """Return sums between two limits; 0 for none."""
    return np.clip(x, -limit, limit) if limit else x
