"""A graph of one node, for tests that a reader can check in the head."""

import numpy as np

from accelsim.functional.interpreter import execute
from accelsim.graph.graph import make_graph
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.operators import load, make_node, work_of


def quantised(scale: float | list[float], zero: int = 0, axis: int = 0) -> Quantization:
    scales = np.atleast_1d(np.asarray(scale, np.float32))
    return Quantization(scales, np.full(scales.shape, zero, np.int64), axis)


def graph_of(operator: str, *values: np.ndarray, into: tuple[str, Quantization | None] | None = None, scales=(), constants=(), outputs: int = 1, **attributes):
    """Return the graph of one node.

    Parameters
    ----------
    values : ndarray
        The inputs' values; those whose positions are in ``constants`` belong to the network.
    into : (str, Quantization), optional
        Element type and quantisation of the outputs; those of the first input by default.
    scales : sequence of Quantization or None
        Of the inputs.
    """
    scales = (*scales, *[None] * (len(values) - len(scales)))
    tensors = [
        Tensor(f"in{i}", value.shape, str(value.dtype), q, value if i in constants else None)
        for i, (value, q) in enumerate(zip(values, scales, strict=True))
    ]  # fmt: skip
    names = [f"out{i}" for i in range(outputs)]
    node = make_node(operator, "node", [t.name for t in tensors], names, **attributes)
    dtype, q = into or (tensors[0].dtype, scales[0])
    results = [Tensor(name, shape, dtype, q) for name, shape in zip(names, load(operator).output_shapes(node, tensors), strict=True)]
    return make_graph("one", [*tensors, *results], [node], [t.name for t in tensors if not t.is_constant], names)


def run(operator: str, *values: np.ndarray, numerics: Numerics | None = None, **description):
    """Return the outputs of one node (a single one unwrapped)."""
    graph = graph_of(operator, *values, **description)
    given = {f"in{i}": value for i, value in enumerate(values) if f"in{i}" in graph.inputs}
    outputs, _, _ = execute(graph, given, numerics=numerics)
    results = [outputs[name] for name in graph.outputs]
    for name, result in zip(graph.outputs, results, strict=True):
        assert result.shape == graph.tensors[name].shape, "the shape rule and the result disagree"
    return results[0] if len(results) == 1 else results


def work(operator: str, *values: np.ndarray, **description):
    """Return the work of one node."""
    graph = graph_of(operator, *values, **description)
    return work_of(graph.nodes[0], graph)
