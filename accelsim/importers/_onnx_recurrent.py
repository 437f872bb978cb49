"""ONNX's recurrent layers: one scan per direction, weights split by gate when the network is loaded."""

from collections.abc import Callable

import numpy as np

from accelsim.graph.tensor import Tensor
from accelsim.importers._onnx_builder import Builder
from accelsim.importers._onnx_record import Record

# Default activations, and where ONNX's gates (input, output, forget, cell) stand in the order of accelsim's lstm (input, forget, cell, output).
ACTIVATIONS = {"LSTM": ("Sigmoid", "Tanh", "Tanh"), "GRU": ("Sigmoid", "Tanh"), "RNN": ("Tanh",)}
LSTM_ORDER = (0, 2, 3, 1)
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def recurrent(b: Builder, r: Record) -> None:
    """Translate LSTM, GRU and RNN."""
    hidden, batchwise = r.get("hidden_size"), bool(r.get("layout", 0))
    direction = r.get("direction", "forward")
    if direction not in ("forward", "reverse", "bidirectional"):
        raise r.wrong(f"direction '{direction}' is not one of forward, reverse, bidirectional")
    activations = _activations(r, 2 if direction == "bidirectional" else 1)
    sequence = b.first(r.input(0))
    if batchwise:
        sequence = b.emit("transpose", [sequence.name], None, permutation=(1, 0, 2))
    steps, batch, _ = sequence.shape
    hidden = hidden or b.shape(r.input(2))[2]
    _check_lengths(b, r, steps)
    if r.kind == "LSTM" and r.has(7):
        raise r.refused("peephole weights (input P) are not supported")
    results = []
    for index in range(2 if direction == "bidirectional" else 1):
        backwards = direction == "reverse" or index == 1
        source = _reversed(b, sequence) if backwards else sequence
        states = _layer(b, r, index, source, batch, hidden, batchwise, activations)
        results.append([_reversed(b, states[0]) if backwards else states[0], *states[1:]])
    _outputs(b, r, results, batchwise)


def _activations(r: Record, directions: int) -> str:
    """Return the activation of a plain cell after refusing what no kernel has."""
    given = r.get("activations", ACTIVATIONS[r.kind] * directions)
    r.get("activation_alpha"), r.get("activation_beta")
    wanted = tuple(word.capitalize() for word in given)
    plain = ACTIVATIONS[r.kind] * directions
    if r.kind == "RNN" and set(wanted) <= {"Tanh", "Relu"} and len(set(wanted)) == 1:
        return wanted[0].lower()
    if wanted != plain:
        raise r.refused(f"activations {', '.join(given)} are not supported", f"only {', '.join(plain)}")
    r.fixed("input_forget", 0, 0)
    return "tanh"


def _check_lengths(b: Builder, r: Record, steps: int) -> None:
    if r.has(4) and (b.required(r, 4, "sequence_lens") != steps).any():
        raise r.refused("sequences shorter than the input are not supported")


def _reversed(b: Builder, x: Tensor) -> Tensor:
    rank = len(x.shape)
    return b.emit("strided_slice", [x.name], None, begin=(None,) * rank, end=(None,) * rank, strides=(-1, *[1] * (rank - 1)))


def _of_direction(b: Builder, value: str, index: int, axis: int = 0) -> Tensor:
    """Return one direction's part of weights or states."""
    form = b.first(value)
    rank = len(form.shape)
    begin = tuple(index if i == axis else None for i in range(rank))
    return b.emit("strided_slice", [form.name], None, begin=begin, end=(None,) * rank, strides=(1,) * rank, dropped=(axis,))


def _gates(b: Builder, x: Tensor, count: int) -> list[str]:
    size = x.shape[0] // count
    names = [b.fresh("gate") for _ in range(count)]
    return [t.name for t in b.emit_all("split", [x.name], names, [None] * count, axis=0, sizes=(size,) * count)]


def _state(b: Builder, r: Record, position: int, index: int, batch: int, hidden: int, batchwise: bool) -> str:
    if r.has(position):
        return _of_direction(b, r.input(position), index, 1 if batchwise else 0).name
    return b.add_constant(np.zeros((batch, hidden), np.float32), "state")


def _layer(b: Builder, r: Record, index: int, source: Tensor, batch: int, hidden: int, batchwise: bool, activation: str) -> list[Tensor]:
    """Emit one direction; return its states of every step and its last state (and cell state)."""
    gates = GATES[r.kind]
    weights, recurrence = (_of_direction(b, r.input(i), index) for i in (1, 2))
    if r.has(3):
        bias = _of_direction(b, r.input(3), index)
        halves = [b.fresh("bias") for _ in range(2)]
        halves = [t.name for t in b.emit_all("split", [bias.name], halves, [None, None], axis=0, sizes=(gates * hidden,) * 2)]
    else:
        halves = [b.add_constant(np.zeros(gates * hidden, np.float32), "bias") for _ in range(2)]
    state = _state(b, r, 5, index, batch, hidden, batchwise)
    clip = float(r.get("clip", 0.0))
    names = [b.fresh(word) for word in ("states", "last", "cell")]
    if r.kind == "LSTM":
        if clip:
            raise r.refused("attribute clip is not supported")
        cell = _state(b, r, 6, index, batch, hidden, batchwise)
        bias = b.emit("add", halves, None)
        parts = [[_gates(b, t, 4)[i] for i in LSTM_ORDER] for t in (weights, recurrence, bias)]
        return b.emit_all("lstm", [source.name, *parts[0], *parts[1], *parts[2], state, cell], names, [None] * 3, time_major=True)
    attributes = {"reset_after": bool(r.get("linear_before_reset", 0))} if r.kind == "GRU" else {"activation": activation}
    operands = [source.name, weights.name, recurrence.name, *halves, state]
    return b.emit_all(r.kind.lower(), operands, names[:2], [None] * 2, clip=clip, **attributes)


def _outputs(b: Builder, r: Record, results: list[list[Tensor]], batchwise: bool) -> None:
    """Write the file's outputs: directions become an axis."""
    for position in range(3 if r.kind == "LSTM" else 2):
        if not r.wants(position):
            continue
        parts = [result[position] for result in results]
        axis = 1 if position == 0 else 0
        wide = [b.emit("reshape", [p.name], None, shape=(*p.shape[:axis], 1, *p.shape[axis:])).name for p in parts]
        joined = b.emit("concatenation", wide, r.outputs[position] if not batchwise else None, axis=axis)
        if batchwise:
            order = (2, 0, 1, 3) if position == 0 else (1, 0, 2)
            b.emit("transpose", [joined.name], r.outputs[position], permutation=order)


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = dict.fromkeys(GATES, recurrent)
