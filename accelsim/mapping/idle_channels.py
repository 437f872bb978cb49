"""Channels that hold one known value whatever the input, left out of a network as some tool chains do it: the outputs stay, bit for bit.

A filter of zeros gives its rescaled bias everywhere; a depthwise filter over such a channel again gives one value, as long as padding
shows no edge. What reads such channels is left with the live ones, and a product takes the others into its bias.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from accelsim.graph.graph import Graph, Node
from accelsim.graph.tensor import Quantization, Tensor, carrier
from accelsim.graph.work import Contraction
from accelsim.operators import Call, load, work_of

CHANNEL_AXES = {"conv2d": (0, 3), "depthwise_conv2d": (3, 3)}  # of output and input channels in the filters
_known: WeakKeyDictionary[Graph, Graph | None] = WeakKeyDictionary()  # None where nothing goes: a value that is its own key would never be freed


@dataclass(frozen=True, eq=False)
class Idle:
    """Which channels of an activation hold one value, and which.

    Attributes
    ----------
    mask : ndarray, shape (channels,), bool
    values : ndarray, shape (channels,)
        Read where the mask is true.
    """

    mask: np.ndarray
    values: np.ndarray


def without_idle_channels(graph: Graph) -> Graph:
    """Return the network without the channels that hold one value; the same network where there are none.

    Convolutions and depthwise layers of 8-bit integers are looked at, chains of them; any other reader keeps its channels.
    """
    if graph not in _known:
        _known[graph] = _without(graph)
    return _known[graph] or graph


def _without(graph: Graph) -> Graph | None:
    users = Counter(name for node in graph.nodes for name in node.inputs)
    nodes = [node for node in graph.nodes if _is_plain(node, graph, users)]
    idle = _idle_channels(graph, nodes)
    removed = _removed(graph, nodes, idle)
    if not any(mask.any() for mask in removed.values()):
        return None
    tensors = dict(graph.tensors)
    for node in nodes:
        tensors |= _narrowed(node, graph, idle, removed)
    return replace(graph, tensors=tensors)


def _is_plain(node: Node, graph: Graph, users: Mapping[str | None, int]) -> bool:
    """Return whether the node's channels can be told apart: 8 bits, one group or one channel a group, constants of its own."""
    if node.operator not in CHANNEL_AXES or len(node.inputs) < 2 or graph.tensors[node.inputs[1]].dtype != "int8" or graph.tensors[node.inputs[0]].dtype != "int8":
        return False
    work = work_of(node, graph)[0]
    constants = all(name is None or (graph.tensors[name].is_constant and graph.tensors[name].structure is None and users[name] == 1) for name in node.inputs[1:])
    return constants and (work.group == 1 or (work.is_depthwise and work.filters == 1))


def _idle_channels(graph: Graph, nodes: list[Node]) -> dict[str, Idle]:
    """Return the idle channels of what the nodes write, found by what they make of an input that is zero where it lives."""
    idle: dict[str, Idle] = {}
    for node in nodes:
        source, weights, output = graph.tensors[node.inputs[0]], graph.tensors[node.inputs[1]], graph.tensors[node.outputs[0]]
        known = idle.get(source.name)
        live = ~known.mask if known is not None else np.ones(source.shape[3], bool)
        taps = weights.values != 0
        if node.operator == "conv2d":
            still = ~taps[..., live].any(axis=(1, 2, 3))
        else:
            still = ~live | ~taps.any(axis=(0, 1, 2))
        if not still.any():
            continue
        zero = int(source.quantization.zero_point[0]) if source.quantization is not None else 0
        probe = np.full(source.shape, zero, carrier(source.dtype))
        if known is not None:
            probe[..., known.mask] = known.values[known.mask]
        values = (probe, *(None if name is None else graph.tensors[name].values for name in node.inputs[1:]))
        found = load(node.operator).evaluate(Call(node, graph.of(node.inputs), (output,), values, graph.numerics))[0].reshape(-1, output.shape[3])
        idle[output.name] = Idle(still & (found == found[0]).all(axis=0), found[0])
    return idle


def _removed(graph: Graph, nodes: list[Node], idle: dict[str, Idle]) -> dict[str, np.ndarray]:
    """Return the channels of each activation that can go: all readers do without them, and one channel stays."""
    readers: dict[str, list[Node]] = {}
    for node in graph.nodes:
        for name in dict.fromkeys(node.inputs):
            if name is not None:
                readers.setdefault(name, []).append(node)
    plain = {node.name for node in nodes}
    removed: dict[str, np.ndarray] = {}
    for node in reversed(nodes):  # a depthwise layer loses a channel on both sides or on none
        output = graph.tensors[node.outputs[0]]
        mask = idle[output.name].mask.copy() if output.name in idle and output.name not in graph.outputs else np.zeros(output.shape[3], bool)
        for reader in readers.get(output.name, ()):
            mask &= _spared(reader, graph, idle[output.name], removed) if reader.name in plain and output.name in idle else False
        if mask.all():
            mask[0] = False
        removed[output.name] = mask
    for node in nodes:
        if node.operator == "depthwise_conv2d":
            source = removed.get(node.inputs[0])
            removed[node.outputs[0]] = source if source is not None else np.zeros_like(removed[node.outputs[0]])
    return removed


def _spared(reader: Node, graph: Graph, idle: Idle, removed: dict[str, np.ndarray]) -> np.ndarray:
    """Return the channels that a reader does without: their share of each sum is the same at every position."""
    if reader.operator == "depthwise_conv2d":
        return removed[reader.outputs[0]]
    work = work_of(reader, graph)[0]
    return (idle.values == _zero(graph.tensors[reader.inputs[0]])) | (not _touches_padding(work) and work.has_bias)


def _touches_padding(work: Contraction) -> bool:
    high = (work.out_h - 1) * work.stride_h + (work.filter_h - 1) * work.dilation_h + 1
    wide = (work.out_w - 1) * work.stride_w + (work.filter_w - 1) * work.dilation_w + 1
    return bool(work.pad_top or work.pad_left or high > work.in_h or wide > work.in_w)


def _zero(tensor: Tensor) -> int:
    return int(tensor.quantization.zero_point[0]) if tensor.quantization is not None else 0


def _narrowed(node: Node, graph: Graph, idle: dict[str, Idle], removed: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """Return the node's output and constants without the removed channels, what they added to each sum in the bias."""
    source, weights, output = graph.tensors[node.inputs[0]], graph.tensors[node.inputs[1]], graph.tensors[node.outputs[0]]
    keep = ~removed[output.name]
    gone = removed.get(source.name, np.zeros(source.shape[3], bool))
    made = {output.name: replace(output, shape=(*output.shape[:3], int(keep.sum())))}
    axis = CHANNEL_AXES[node.operator][0]
    values = np.compress(keep, weights.values, axis=axis)
    if node.operator == "conv2d":
        values = values[..., ~gone]
    made[weights.name] = replace(weights, shape=values.shape, values=np.ascontiguousarray(values), quantization=_channels(weights.quantization, keep))
    if len(node.inputs) > 2 and node.inputs[2] is not None:
        bias = graph.tensors[node.inputs[2]]
        added = np.zeros(keep.size, np.int64)
        if node.operator == "conv2d" and gone.any():
            offsets = idle[source.name].values[gone].astype(np.int64) - _zero(source)
            added = (weights.values[..., gone].astype(np.int64).sum(axis=(1, 2)) * offsets).sum(axis=1)
        kept = (bias.values + added).astype(bias.values.dtype)[keep]
        made[bias.name] = replace(bias, shape=kept.shape, values=kept, quantization=_channels(bias.quantization, keep))
    return made


def _channels(quantization: Quantization | None, keep: np.ndarray) -> Quantization | None:
    if quantization is None or quantization.per_tensor:
        return quantization
    return replace(quantization, scale=quantization.scale[keep], zero_point=quantization.zero_point[keep])
