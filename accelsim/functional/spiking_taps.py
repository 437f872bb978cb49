"""Synapses of a network's nodes: weights as they are, pooling as shared weights, a largest value as sums of rectified differences."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import UnsupportedError
from accelsim.functional.spiking_layers import Part
from accelsim.graph.graph import Graph, Node
from accelsim.graph.spiking_network import Population, Projection
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses, SparseSynapses, Synapses, one_to_one, pool_synapses, sparse_from_pairs
from accelsim.operators._spatial import window


def synapses_of(graph: Graph, part: Part, source: Population) -> tuple[Synapses, np.ndarray | float]:
    """Return a part's synapses in the graph's own scale, and its bias per neuron."""
    node = part.node
    if node is None:
        return _picked(part.picks, source.neurons) if part.picks is not None else one_to_one(np.ones(source.neurons)), 0.0
    shape = graph.tensors[node.inputs[0]].shape[1:]
    if node.operator == "average_pool2d":
        return _average(graph, node, shape), 0.0
    weights = graph.tensors[node.inputs[1]].values.astype(np.float64)
    bias = graph.tensors[node.inputs[2]].values.astype(np.float64) if len(node.inputs) > 2 and node.inputs[2] is not None else None
    if node.operator == "fully_connected":
        return DenseSynapses(_in_order(weights.T, part.picks, source.neurons)), 0.0 if bias is None else bias
    synapses = _convolution(node, weights, shape)
    return synapses, 0.0 if bias is None else np.tile(bias, synapses.targets // bias.size)


def _picked(picks: np.ndarray, neurons: int) -> SparseSynapses:
    """Return one synapse of weight 1 to each place from the neuron that stands there."""
    target = np.flatnonzero(picks)
    return sparse_from_pairs(picks.ravel()[target] - 1, target, np.ones(target.size), neurons, picks.size)


def _in_order(weights: np.ndarray, picks: np.ndarray | None, neurons: int) -> np.ndarray:
    """Return dense weights by the source's own order of neurons."""
    if picks is None:
        return np.ascontiguousarray(weights)
    rows, place = np.zeros((neurons, weights.shape[1])), np.flatnonzero(picks)
    np.add.at(rows, picks.ravel()[place] - 1, weights[place])
    return rows


@dataclass(frozen=True, slots=True)
class Largest:
    """Populations, in order, and projections that leave the largest rate of each window in the last population."""

    shapes: dict[str, tuple[int, ...]]
    projections: tuple[Projection, ...]


def largest(graph: Graph, node: Node, name: str, source: Population, delay: int) -> Largest:
    """Return the populations of a max pooling.

    With m the largest of the first taps of a window, max(m, x) = m + relu(x - m): one population per further tap holds that
    rectified difference, and their sum with the first tap is the largest rate. A tap outside the picture counts as 0.
    """
    a = node.attributes
    extent = graph.tensors[node.inputs[0]].shape[1:]
    (height, width), before = window(extent[:2], a.window, a.stride, (1, 1), a.padding)
    shape = (height, width, extent[2])
    taps = [_tap(extent, shape, (i - before[0], j - before[1]), a.stride) for i in range(a.window[0]) for j in range(a.window[1])]
    rises = [f"{name}.rise{k}" for k in range(1, len(taps))]
    found = [Projection(f"{node.name}.first", source.name, name, taps[0], delay)]
    for k, rise in enumerate(rises):
        found.append(Projection(f"{rise}.plus", source.name, rise, taps[k + 1], delay))
        found.append(Projection(f"{rise}.minus", source.name, rise, _negated(taps[0]), delay))
        found += [Projection(f"{rise}.minus{i + 1}", earlier, rise, one_to_one(-np.ones(int(np.prod(shape)))), delay) for i, earlier in enumerate(rises[:k])]
        found.append(Projection(f"{rise}.sum", rise, name, one_to_one(np.ones(int(np.prod(shape)))), delay))
    return Largest(dict.fromkeys([*rises, name], shape), tuple(found))


def _tap(shape: tuple[int, ...], out: tuple[int, ...], offset: tuple[int, int], stride: tuple[int, int]) -> SparseSynapses:
    """Return one synapse of weight 1 from the input at each window's offset, where it lies inside the picture."""
    target = np.arange(int(np.prod(out)))
    row, column, channel = np.unravel_index(target, out)
    row, column = row * stride[0] + offset[0], column * stride[1] + offset[1]
    inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
    source = (row * shape[1] + column) * shape[2] + channel
    return sparse_from_pairs(source[inside], target[inside], np.ones(int(inside.sum())), int(np.prod(shape)), target.size)


def _negated(synapses: SparseSynapses) -> SparseSynapses:
    return SparseSynapses(synapses.rows, synapses.columns, -synapses.weights, synapses.targets)


def _average(graph: Graph, node: Node, shape: tuple[int, ...]) -> ConvolutionSynapses:
    a = node.attributes
    (height, width), (top, left) = window(shape[:2], a.window, a.stride, (1, 1), a.padding)
    if (top, left) != (0, 0) or (height - 1) * a.stride[0] + a.window[0] > shape[0] or (width - 1) * a.stride[1] + a.window[1] > shape[1]:
        raise UnsupportedError(f"{graph.name}: node '{node.name}'", "padded average pooling has no rate-coded form")
    return pool_synapses(shape, a.window, a.stride, weight=1.0 / (a.window[0] * a.window[1]))


def _convolution(node: Node, weights: np.ndarray, shape: tuple[int, ...]) -> ConvolutionSynapses:
    a = node.attributes
    if node.operator == "depthwise_conv2d":
        groups = shape[2]
        kernel = weights[0].reshape(*weights.shape[1:3], groups, -1)
    else:
        groups = shape[2] // weights.shape[3]
        kernel = np.concatenate(np.split(weights.transpose(1, 2, 3, 0), groups, axis=3), axis=2)
    (height, width), before = window(shape[:2], kernel.shape[:2], a.stride, a.dilation, a.padding)
    after = tuple(
        max((out - 1) * step + (size - 1) * spread + 1 - extent - first, 0)
        for out, step, size, spread, extent, first in zip((height, width), a.stride, kernel.shape[:2], a.dilation, shape[:2], before, strict=True)
    )
    return ConvolutionSynapses(kernel, shape, tuple(a.stride), before, tuple(a.dilation), groups, after)
