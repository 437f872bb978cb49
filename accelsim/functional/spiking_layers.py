"""A trained ReLU network as layers of rates: which tensors become neurons, and what adds up in each."""

from dataclasses import dataclass, replace

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.graph import Graph, Node

WEIGHTED = ("conv2d", "depthwise_conv2d", "fully_connected")
POOLED = ("average_pool2d", "max_pool2d")
SAME_NEURONS = ("reshape", "softmax")
CONVERTED = (*WEIGHTED, *POOLED, "add", "relu", *SAME_NEURONS)


@dataclass(frozen=True, slots=True)
class Part:
    """What one tensor adds to a layer: through a node's weights, or as it is (node is None)."""

    source: str
    node: Node | None


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
        """Whether it is a pooling, whose values have the scale of their source's."""
        return self.node.operator in POOLED


def rate_layers(graph: Graph) -> list[RateLayer]:
    """Return a network's layers in order.

    Raises
    ------
    UnsupportedError
        An operator that rates do not express, by name.
    """
    layers: dict[str, RateLayer] = {}
    owner = {graph.inputs[0]: graph.inputs[0]}
    for node in graph.nodes:
        place = f"{graph.name}: node '{node.name}'"
        if node.operator not in CONVERTED:
            raise UnsupportedError(place, f"'{node.operator}' has no rate-coded form", f"converted are {', '.join(CONVERTED)}")
        for source in node.inputs if node.operator == "add" else node.inputs[:1]:
            if source not in owner:
                raise AccelsimError(place, f"reads '{source}', which no converted layer writes")
        if node.operator in SAME_NEURONS or node.operator == "relu":
            _rename(graph, node, layers, owner, place)
        else:
            layer = _layer(graph, node, layers, owner, place)
            layers[layer.name] = layer
            owner[layer.name] = layer.name
    found = list(layers.values())
    _check_hidden(graph, found)
    return found


def _layer(graph: Graph, node: Node, layers: dict[str, RateLayer], owner: dict[str, str], place: str) -> RateLayer:
    activation = getattr(node.attributes, "activation", "none")
    if activation not in ("none", "relu"):
        raise UnsupportedError(place, f"activation '{activation}' has no rate-coded form", "only relu")
    name = node.outputs[0]
    if node.operator != "add":
        return RateLayer(name, node, (Part(owner[node.inputs[0]], node),), activation == "relu" or node.operator in POOLED)
    parts: list[Part] = []
    for source in node.inputs:
        if graph.tensors[source].shape != graph.tensors[name].shape:
            raise UnsupportedError(place, "a sum of two shapes has no rate-coded form")
        parts += _merged(graph, owner[source], layers, owner)
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
