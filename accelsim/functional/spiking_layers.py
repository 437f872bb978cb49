"""A trained ReLU network as layers of rates: which tensors become neurons, and what adds up in each."""

from dataclasses import dataclass, replace

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import run_node
from accelsim.graph.graph import Graph, Node

WEIGHTED = ("conv2d", "depthwise_conv2d", "fully_connected")
POOLED = ("average_pool2d", "max_pool2d")
SAME_NEURONS = ("reshape", "softmax")
MOVES = ("transpose", "strided_slice", "pad")
CONVERTED = (*WEIGHTED, *POOLED, "add", "relu", *SAME_NEURONS, *MOVES)


@dataclass(frozen=True, slots=True)
class Part:
    """What one tensor adds to a layer: through a node's weights, or as it is (node is None).

    Attributes
    ----------
    picks : ndarray or None, shape of the tensor that is read
        Neuron of the source at each place, counted from 1, and 0 for none; None where they stand in its own order.
    """

    source: str
    node: Node | None
    picks: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class RateLayer:
    """One population.

    Attributes
    ----------
    name : str
        The tensor that it stands for.
    aliases : tuple of str
        Other names of that tensor: before its ReLU, reshaped.
    parts : tuple of Part
        They add up; of a maximum, the one part is the pooling.
    rectified : bool
        Values below 0 are 0, so that a rate stands for them.
    """

    name: str
    node: Node
    parts: tuple[Part, ...]
    rectified: bool
    aliases: tuple[str, ...] = ()

    @property
    def pooled(self) -> bool:
        """Whether it is a pooling or a move, whose values have the scale of their source's."""
        return self.node.operator in (*POOLED, *MOVES)


def rate_layers(graph: Graph) -> list[RateLayer]:
    """Return a network's layers in order.

    Raises
    ------
    UnsupportedError
        An operator that rates do not express, by name.
    """
    layers: dict[str, RateLayer] = {}
    owner = {graph.inputs[0]: graph.inputs[0]}
    picks: dict[str, np.ndarray] = {}
    for node in graph.nodes:
        place = f"{graph.name}: node '{node.name}'"
        if node.operator not in CONVERTED:
            raise UnsupportedError(place, f"'{node.operator}' has no rate-coded form", f"converted are {', '.join(CONVERTED)}")
        for source in node.inputs if node.operator == "add" else node.inputs[:1]:
            if source not in owner:
                raise AccelsimError(place, f"reads '{source}', which no converted layer writes")
        if node.operator in MOVES:
            _move(graph, node, owner, picks, place)
        elif node.operator in SAME_NEURONS or node.operator == "relu":
            _rename(graph, node, layers, owner, place)
            if node.inputs[0] in picks:
                picks[node.outputs[0]] = picks[node.inputs[0]].reshape(graph.tensors[node.outputs[0]].shape)
        else:
            if node.operator not in ("add", "fully_connected"):
                _gather(node, layers, owner, picks)
            layer = _layer(graph, node, layers, owner, picks, place)
            layers[layer.name] = layer
            owner[layer.name] = layer.name
    found = list(layers.values())
    _check_hidden(graph, found)
    return found


def _move(graph: Graph, node: Node, owner: dict[str, str], picks: dict[str, np.ndarray], place: str) -> None:
    """Note which neurons stand where after a move: that of their numbers."""
    source, name = node.inputs[0], node.outputs[0]
    shape = graph.tensors[source].shape
    numbers = picks.get(source, np.arange(1, 1 + int(np.prod(shape))).reshape(shape)).astype(np.float32)
    values = {source: numbers}
    run_node(graph, node, values, graph.numerics)
    moved = values[name].astype(np.int64)
    if np.any(moved != values[name]) or not set(np.unique(moved)) <= {0, *np.unique(numbers).astype(int)}:
        raise UnsupportedError(place, "fills in values other than 0, which have no rate-coded form")
    owner[name] = owner[source]
    if not np.array_equal(moved.ravel(), np.arange(1, 1 + int(np.prod(shape)))):
        picks[name] = moved


def _gather(node: Node, layers: dict[str, RateLayer], owner: dict[str, str], picks: dict[str, np.ndarray]) -> None:
    """Let neurons of their own pass on what was moved, for a node that needs its input in order."""
    source = node.inputs[0]
    if source in picks:
        mover = Node(f"{node.name}.order", "transpose", (source,), (source,))
        layers[source] = RateLayer(source, mover, (Part(owner[source], None, picks.pop(source)),), True)
        owner[source] = source


def _layer(graph: Graph, node: Node, layers: dict[str, RateLayer], owner: dict[str, str], picks: dict[str, np.ndarray], place: str) -> RateLayer:
    activation = getattr(node.attributes, "activation", "none")
    if activation not in ("none", "relu"):
        raise UnsupportedError(place, f"activation '{activation}' has no rate-coded form", "only relu")
    name = node.outputs[0]
    if node.operator != "add":
        return RateLayer(name, node, (Part(owner[node.inputs[0]], node, picks.get(node.inputs[0])),), activation == "relu" or node.operator in POOLED)
    parts: list[Part] = []
    for source in node.inputs:
        if graph.tensors[source].shape != graph.tensors[name].shape:
            raise UnsupportedError(place, "a sum of two shapes has no rate-coded form")
        parts += (Part(owner[source], None, picks[source]),) if source in picks else _merged(graph, owner[source], layers, owner)
    return RateLayer(name, node, tuple(parts), activation == "relu" or all(part.node is None for part in parts))


def _merged(graph: Graph, source: str, layers: dict[str, RateLayer], owner: dict[str, str]) -> tuple[Part, ...]:
    """Return what a summand adds: itself where it has a rate; what it is made of where it may be negative and only the sum reads it."""
    layer = layers.get(source)
    if layer is None or layer.rectified or sum(owner.get(name) == source for node in graph.nodes for name in node.inputs) > 1:
        return (Part(source, None),)
    del layers[source]
    return layer.parts


def _rename(graph: Graph, node: Node, layers: dict[str, RateLayer], owner: dict[str, str], place: str) -> None:
    source, name = owner[node.inputs[0]], node.outputs[0]
    if node.operator == "softmax" and name not in graph.outputs:
        raise UnsupportedError(place, "softmax before the output has no rate-coded form")
    if source not in layers:
        if node.operator == "relu":
            raise UnsupportedError(place, "a ReLU on the input has no rate-coded form")
        owner[name] = source
        return
    layer = layers[source]
    if node.operator == "relu" and not layer.rectified:
        del layers[source]
        layers[name] = replace(layer, name=name, rectified=True, aliases=(*layer.aliases, layer.name))
        for alias, of in owner.items():
            owner[alias] = name if of == source else of
        owner[name] = name
    else:
        layers[source] = replace(layer, aliases=(*layer.aliases, name))
        owner[name] = source


def _check_hidden(graph: Graph, layers: list[RateLayer]) -> None:
    read = {part.source for layer in layers for part in layer.parts}
    for layer in layers:
        if not layer.rectified and layer.name in read:
            raise UnsupportedError(f"{graph.name}: node '{layer.node.name}'", "has no ReLU: negative values have no rate")
