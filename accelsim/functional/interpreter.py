"""Run a network's real arithmetic, node after node."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.activity import Activity
from accelsim.graph.graph import Graph, Node
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Tensor, carrier
from accelsim.kernels.blas import one_thread
from accelsim.kernels.heap import keep_freed_memory
from accelsim.operators import Call, load

# What numpy and the kernels raise when a damaged model file passes every check of shapes and types.
MISFIT = (ValueError, TypeError, IndexError, AttributeError, ArithmeticError)


class Step(NamedTuple):
    """A node with all that is looked up for it once: that costs as much as a small kernel.

    Attributes
    ----------
    fixed : tuple of ndarray or None
        Values of the inputs that are constant.
    memory : dict
        What the operator keeps for this node.
    """

    node: Node
    evaluate: Callable[[Call], tuple[np.ndarray, ...]]
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    fixed: tuple[np.ndarray | None, ...]
    memory: dict


class Program(NamedTuple):
    """A network's steps in order, and its tensors that keep their values between inferences."""

    steps: tuple[Step, ...]
    states: tuple[Tensor, ...]


_PROGRAMS: WeakKeyDictionary[Graph, Program] = WeakKeyDictionary()


def execute(
    graph: Graph,
    inputs: Mapping[str, np.ndarray],
    state: dict[str, np.ndarray] | None = None,
    numerics: Numerics | None = None,
    on_node: Callable[[str], None] | None = None,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], Activity]:
    """Return outputs, state and Activity of one inference.

    Parameters
    ----------
    inputs : mapping of tensor name to ndarray
        Of the graph's shapes and types.
    state : dict, optional
        What streaming models kept from the last inference; a new one starts from the file's initial values.
    numerics : Numerics, optional
        The chip's arithmetic; by default that of the model's own runtime.
    on_node : callable, optional
        Called with each node's name before it runs (progress).

    Raises
    ------
    AccelsimError
        An input is missing or has another shape or type.
    """
    program = _program(graph)
    values = {name: checked_input(graph, name, inputs) for name in graph.inputs}
    values |= initial_state(graph, state or {})
    keep_freed_memory()
    with one_thread():
        for step in program.steps:
            if on_node is not None:
                on_node(step.node.name)
            _run(graph, step, values, numerics or graph.numerics)
    kept = {tensor.name: values[tensor.name] for tensor in program.states}
    return {name: _value(graph.tensors[name], values) for name in graph.outputs}, kept, Activity(graph.tensors, values)


def run_node(graph: Graph, node: Node, values: dict[str, np.ndarray], numerics: Numerics) -> None:
    """Evaluate one node on the values so far and put its outputs with them."""
    _run(graph, _step(graph, node), values, numerics)


def _program(graph: Graph) -> Program:
    if graph not in _PROGRAMS:
        states = tuple(tensor for tensor in graph.tensors.values() if tensor.is_state)
        _PROGRAMS[graph] = Program(tuple(_step(graph, node) for node in graph.nodes), states)
    return _PROGRAMS[graph]


def _step(graph: Graph, node: Node) -> Step:
    inputs = graph.of(node.inputs)
    fixed = tuple(tensor.values if tensor is not None and tensor.is_constant else None for tensor in inputs)
    return Step(node, load(node.operator).evaluate, inputs, graph.of(node.outputs), fixed, {})


def _run(graph: Graph, step: Step, values: dict[str, np.ndarray], numerics: Numerics) -> None:
    node, evaluate, inputs, outputs, fixed, memory = step
    arrays = tuple([values[name] if array is None and name is not None else array for name, array in zip(node.inputs, fixed, strict=True)])
    try:
        results = evaluate(Call(node, inputs, outputs, arrays, numerics, memory))
    except MISFIT as error:
        place = f"{graph.name}: node '{node.name}' ({node.operator})"
        raise AccelsimError(place, "its operands do not fit this operator", f"{type(error).__name__}: {error}"[:160]) from error
    for name, result in zip(node.outputs, results, strict=True):
        values[name] = result


def initial_state(graph: Graph, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return what every state tensor holds when an inference starts: the last one's, or the file's first contents."""
    return {tensor.name: state.get(tensor.name, tensor.values) for tensor in _program(graph).states}


def _value(tensor: Tensor, values: Mapping[str, np.ndarray]) -> np.ndarray:
    found = values.get(tensor.name)
    return tensor.values if found is None else found


def checked_input(graph: Graph, name: str, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return one input as a contiguous array of the graph's type, refusing another shape or type."""
    tensor = graph.tensors[name]
    if name not in inputs:
        raise AccelsimError(graph.name, f"input '{name}' {tensor.shape} {tensor.dtype} is missing")
    array = np.asarray(inputs[name], order="C")
    if array.shape != tensor.shape or array.dtype != carrier(tensor.dtype):
        raise AccelsimError(graph.name, f"input '{name}' is {array.shape} {array.dtype}, not {tensor.shape} {tensor.dtype}")
    return array
