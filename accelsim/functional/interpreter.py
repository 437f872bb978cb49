"""Run a network's real arithmetic, node after node."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.functional.sign_chains import Chain, Computed, sign_chains
from accelsim.graph.activity import Activity
from accelsim.graph.graph import Graph, Node
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Tensor, carrier
from accelsim.kernels.blas import one_thread
from accelsim.kernels.heap import keep_freed_memory
from accelsim.operators import MISFIT, Call, load


class Step(NamedTuple):
    """A node with all that is looked up for it once: that costs as much as a small kernel.

    Attributes
    ----------
    names : tuple of str
        Of the nodes that it computes: one, or a chain's.
    fixed : tuple of ndarray or None
        Values of the inputs that are constant.
    memory : dict
        What the operator keeps for this node.
    """

    names: tuple[str, ...]
    node: Node
    evaluate: Callable[[Call], tuple[np.ndarray, ...]]
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    fixed: tuple[np.ndarray | None, ...]
    memory: dict


class Program(NamedTuple):
    """A network's steps in order.

    Attributes
    ----------
    states : tuple of Tensor
        Those that keep their values between inferences.
    inside : dict of str to tuple of Step
        What computes each tensor that a chain passes over.
    """

    steps: tuple[Step, ...]
    states: tuple[Tensor, ...]
    inside: dict[str, tuple[Step, ...]]


_PROGRAMS: WeakKeyDictionary[Graph, dict[Numerics, Program]] = WeakKeyDictionary()


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
    numerics = numerics or graph.numerics
    program = _program(graph, numerics)
    values = {name: checked_input(graph, name, inputs) for name in graph.inputs}
    values |= _initial_state(program.states, state or {})
    keep_freed_memory()
    with one_thread():
        for step in program.steps:
            if on_node is not None:
                for name in step.names:
                    on_node(name)
            _run(graph, step, values, numerics)
    kept = {tensor.name: values[tensor.name] for tensor in program.states}
    outputs = {name: _value(graph.tensors[name], values) for name in graph.outputs}
    return outputs, kept, Activity(graph.tensors, _with_inside(graph, program, values, numerics) if program.inside else values)


def _with_inside(graph: Graph, program: Program, values: dict[str, np.ndarray], numerics: Numerics) -> Computed:
    """Return a run's values together with those that chains passed over."""

    def compute(name: str) -> None:
        for step in program.inside[name]:
            _run(graph, step, values, numerics)

    return Computed(values, program.inside.keys(), compute)


def run_node(graph: Graph, node: Node, values: dict[str, np.ndarray], numerics: Numerics) -> None:
    """Evaluate one node on the values so far and put its outputs with them."""
    _run(graph, _step(graph, node), values, numerics)


def _program(graph: Graph, numerics: Numerics) -> Program:
    known = _PROGRAMS.setdefault(graph, {})
    if numerics not in known:
        known[numerics] = _program_of(graph, sign_chains(graph, numerics))
    return known[numerics]


def _program_of(graph: Graph, chains: list[Chain]) -> Program:
    chain_of = {node.outputs[0]: chain for chain in chains for node in chain.nodes}
    steps, inside = [], {}
    for node in graph.nodes:
        chain = chain_of.get(node.outputs[0]) if node.outputs else None
        if chain is None:
            steps.append(_step(graph, node))
        elif node is chain.nodes[0]:
            steps.append(_chain_step(graph, chain))
            inside |= dict.fromkeys((inner.outputs[0] for inner in chain.nodes[:-1]), tuple(_step(graph, inner) for inner in chain.nodes[:-1]))
    return Program(tuple(steps), tuple(tensor for tensor in graph.tensors.values() if tensor.is_state), inside)


def _chain_step(graph: Graph, chain: Chain) -> Step:
    """Return a chain as one step, named by its first node where its operands do not fit."""
    first, last = chain.nodes[0], chain.nodes[-1]
    node = Node(first.name, first.operator, first.inputs[:1], last.outputs)
    return Step(tuple(inner.name for inner in chain.nodes), node, chain.evaluate, graph.of(node.inputs), graph.of(node.outputs), (None,), {})


def _step(graph: Graph, node: Node) -> Step:
    inputs = graph.of(node.inputs)
    fixed = tuple(tensor.values if tensor is not None and tensor.is_constant else None for tensor in inputs)
    return Step((node.name,), node, load(node.operator).evaluate, inputs, graph.of(node.outputs), fixed, {})


def _run(graph: Graph, step: Step, values: dict[str, np.ndarray], numerics: Numerics) -> None:
    _, node, evaluate, inputs, outputs, fixed, memory = step
    arrays = tuple([values[name] if array is None and name is not None else array for name, array in zip(node.inputs, fixed, strict=True)])
    try:
        results = evaluate(Call(node, inputs, outputs, arrays, numerics, memory))
    except MISFIT as error:
        place = f"{graph.name}: node '{node.name}' ({node.operator})"
        raise AccelsimError(place, "its operands do not fit this operator", f"{type(error).__name__}: {error}"[:160]) from error
    for name, result in zip(node.outputs, results, strict=True):
        values[name] = result


def _initial_state(states: tuple[Tensor, ...], state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return what every state tensor holds when an inference starts: the last one's, or the file's first contents."""
    return {tensor.name: state.get(tensor.name, tensor.values) for tensor in states}


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
