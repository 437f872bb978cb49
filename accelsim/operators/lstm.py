"""A long short-term memory layer over a sequence, with its state in and out.

Inputs: sequence; input weights of the input, forget, cell and output gate; recurrent weights of the same; their
biases; hidden state; cell state. Outputs: the hidden state of every step; the last hidden state; the last cell state.

Source of the integer rule: TensorFlow Lite ``kernels/lstm_eval.cc``, LstmStepInteger8x8_16 (gates with 12 fractional
bits, tables of ``_fixed_functions``, cell state int16 on a power of two).
"""

import math
from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Contraction, Elementwise, Lookup, Scan
from accelsim.operators import Call
from accelsim.operators._contraction import refuse, refuse_narrow_floats
from accelsim.operators._fixed_functions import HIGH, LOW, logistic_table, tanh_table
from accelsim.operators._quantized import quantize_multiplier, round_away, scale_of, zero_of
from accelsim.operators._rounding import multiply_double, shift_right_rounding


@dataclass(frozen=True, slots=True)
class Attributes:
    """Layout and clipping.

    time_major : bool
        The sequence is (time, batch, features), else (batch, time, features).
    cell_clip : float
        Bound on the cell state; 0 for none.
    hidden_scale, hidden_zero_point : float, int
        Quantisation of the product that becomes the hidden state; 0.0 for the output's own.
    """

    time_major: bool = False
    cell_clip: float = 0.0
    hidden_scale: float = 0.0
    hidden_zero_point: int = 0


def _extents(node, inputs) -> tuple[int, int, int, int]:
    """Return (steps, batch, features, hidden)."""
    sequence = inputs[0].shape
    if len(sequence) != 3 or any(len(w.shape) != 2 or w.shape != (inputs[1].shape[0], sequence[2]) for w in inputs[1:5]):
        raise refuse(node, f"sequence {sequence} does not fit input weights {[w.shape for w in inputs[1:5]]}")
    hidden = inputs[1].shape[0]
    if any(w.shape != (hidden, hidden) for w in inputs[5:9]) or any(b.elements != hidden for b in inputs[9:13]):
        raise refuse(node, f"recurrent weights or biases do not have {hidden} rows")
    steps, batch = sequence[:2] if node.attributes.time_major else sequence[1::-1]
    return steps, batch, sequence[2], hidden


def output_shapes(node, inputs):
    """Return the shapes of the hidden states and of both states."""
    _, batch, _, hidden = _extents(node, inputs)
    return (*inputs[0].shape[:2], hidden), (batch, hidden), (batch, hidden)


def work(node, inputs, outputs):
    """Return one Scan: per step two matrix products of the four gates, five activations, four element-wise operations."""
    steps, batch, features, hidden = _extents(node, inputs)
    kind, names = inputs[0].dtype, [t.name for t in inputs]
    common = {"out_h": batch, "in_h": batch, "filters": 4 * hidden, "input_type": kind, "weight_type": inputs[1].dtype, "has_bias": True}
    gate_type = kind if kind == "float32" else "int16"
    activation = Elementwise if kind == "float32" else Lookup
    n = batch * hidden
    inner = (
        Contraction(reads=(names[0],), weights=tuple(names[1:5]), channels=features, output_type=gate_type, **common),
        Contraction(reads=(names[13],), weights=(*names[5:9], *names[9:13]), channels=hidden, output_type=gate_type, **common),
        activation(operation="logistic", elements=3 * n, element_type=gate_type),
        activation(operation="tanh", elements=2 * n, element_type=gate_type),
        Elementwise(operation="mul", elements=3 * n, operands=2, element_type=gate_type),
        Elementwise(reads=(names[14],), writes=tuple(t.name for t in outputs), operation="add", elements=n, operands=2, element_type=gate_type),
    )
    return (Scan(inner=inner, steps=steps, reads=tuple(t.name for t in inputs if not t.is_constant), writes=tuple(t.name for t in outputs)),)


def evaluate(call: Call):
    """Return the hidden states, the last hidden state and the last cell state."""
    refuse_narrow_floats(call)
    sequence = call.values[0] if call.node.attributes.time_major else call.values[0].swapaxes(0, 1)
    if call.inputs[0].dtype == "float32" and call.inputs[1].dtype == "float32":
        step = _float_step(call)
    elif call.inputs[0].dtype == "int8" and call.inputs[1].dtype == "int8" and call.inputs[14].dtype == "int16":
        step = _integer_step(call)
    else:
        raise call.unsupported(f"no kernel computes it on {call.inputs[0].dtype} with weights of {call.inputs[1].dtype}")
    hidden, cell = call.values[13], call.values[14]
    states = []
    for features in sequence:
        hidden, cell = step(features, hidden, cell)
        states.append(hidden)
    result = np.stack(states)
    return np.ascontiguousarray(result if call.node.attributes.time_major else result.swapaxes(0, 1)), hidden, cell


def _float_step(call: Call):
    inputs, recurrent = np.concatenate(call.values[1:5]), np.concatenate(call.values[5:9])
    bias, clip = np.concatenate(call.values[9:13]), np.float32(call.node.attributes.cell_clip)

    def step(features, hidden, cell):
        gates = np.split(features @ inputs.T + hidden @ recurrent.T + bias, 4, axis=1)
        enter, forget, output = (1 / (1 + np.exp(-gates[i])) for i in (0, 1, 3))
        cell = forget * cell + enter * np.tanh(gates[2])
        if clip > 0:
            cell = np.clip(cell, -clip, clip)
        return output * np.tanh(cell), cell

    return step


def _integer_step(call: Call):
    a = call.node.attributes
    source, state, cell_state = call.inputs[0], call.inputs[13], call.inputs[14]
    cell_log2 = round(math.log2(float(scale_of(cell_state))))
    products = [_gate(call, gate) for gate in range(4)]
    hidden_scale = a.hidden_scale or float(scale_of(state))
    hidden_zero = a.hidden_zero_point if a.hidden_scale else zero_of(state)
    to_hidden = quantize_multiplier(2.0**-30 / hidden_scale)
    clip = int(np.clip(round_away(a.cell_clip / float(scale_of(cell_state))), LOW, HIGH)) if a.cell_clip > 0 else 0
    logistic, tanh, cell_tanh = logistic_table(), tanh_table(), tanh_table(15 + cell_log2)

    def step(features, hidden, cell):
        x, h = features.astype(np.int64) - zero_of(source), hidden.astype(np.int64) - zero_of(state)
        gates = [product(x, h) for product in products]
        enter, forget, output = (logistic[gates[i].view(np.uint16)].astype(np.int64) for i in (0, 1, 3))
        candidate = tanh[gates[2].view(np.uint16)].astype(np.int64)
        kept = shift_right_rounding(forget * cell, 15)
        cell = np.clip(kept + shift_right_rounding(enter * candidate, 30 + cell_log2), LOW, HIGH)
        if clip:
            cell = np.clip(cell, -clip, clip)
        cell = cell.astype(np.int16)
        product = output * cell_tanh[cell.view(np.uint16)].astype(np.int64)
        return np.clip(multiply_double(product, *to_hidden) + hidden_zero, -128, 127).astype(np.int8), cell

    return step


def _gate(call: Call, gate: int):
    """Return the function of one gate's sum before its activation: int16 with 12 fractional bits."""
    weights, recurrent = (call.values[i + gate].astype(np.int64) for i in (1, 5))
    bias = call.values[9 + gate].astype(np.int64)
    scales = [float(scale_of(call.inputs[i])) for i in (0, 1 + gate, 13, 5 + gate)]
    from_input, from_state = quantize_multiplier(scales[0] * scales[1] * 2**12), quantize_multiplier(scales[2] * scales[3] * 2**12)

    def gate_sum(x, h):
        first = np.clip(multiply_double(x @ weights.T + bias, *from_input), LOW, HIGH)
        return np.clip(multiply_double(h @ recurrent.T, *from_state) + first, LOW, HIGH).astype(np.int16)

    return gate_sum
