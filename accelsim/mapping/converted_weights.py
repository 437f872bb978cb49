"""Weights that a tool chain stores in the narrower element type in which the unit computes."""

from dataclasses import replace

from accelsim.graph.graph import Graph
from accelsim.graph.tensor import BITS, Structure
from accelsim.graph.work import Contraction
from accelsim.hardware.chip import Chip
from accelsim.mapping.kept import kept_of
from accelsim.mapping.layers import layers_of


def with_converted_weights(graph: Graph, chip: Chip) -> Graph:
    """Return the graph whose constant operands of products have the sizes that they take in the unit's own type; the same graph where none is narrower.

    Those of a wider type are in the bytes that the unit's cost asks for.
    """
    if not any(getattr(unit, "computes_as", {}) for unit in chip.units.values()):
        return graph
    layers = layers_of(graph, chip)
    return kept_of(graph).get(("converted", layers, *chip.descriptions.items()), lambda: _converted(graph, chip, layers))


def _converted(graph: Graph, chip: Chip, layers: tuple) -> Graph:
    tensors = dict(graph.tensors)
    for layer in layers:
        unit = chip.units[layer.unit]
        for work in layer.works:
            for inner in getattr(work, "inner", (work,)):
                if isinstance(inner, Contraction):
                    _convert(tensors, inner, unit.type_of_weights(inner))
    changed = any(tensors[name] is not tensor for name, tensor in graph.tensors.items())
    return replace(graph, tensors=tensors) if changed else graph


def _convert(tensors: dict, work: Contraction, kind: str) -> None:
    for name in work.weights:
        tensor = tensors[name]
        if tensor.structure is None and BITS[kind] < tensor.bits and tensor.dtype == work.weight_type:
            tensors[name] = replace(tensor, structure=Structure("converted", tensor.elements * BITS[kind] // 8))
