"""A float32 network as the int8 TFLite file of the same layers, so that LiteRT can be timed on the very file that we run."""

from dataclasses import replace

import numpy as np

from accelsim.exporters.tflite import encode
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import Graph, Node, make_graph
from accelsim.graph.tensor import Tensor
from accelsim.importers._quantize import observed_ranges, quantize
from accelsim.operators import make_node


def tflite_twin(graph: Graph, items: np.ndarray) -> bytes:
    """Return a ``.tflite`` file: quantised after training on ``items`` (each one input), borders as layers of their own.

    TFLite's convolutions know only SAME and VALID borders, which no convolution of stride 2 in a network from PyTorch has.
    """
    plain = with_border_nodes(graph)
    activities = (execute(plain, {plain.inputs[0]: item})[2] for item in items)
    return encode(quantize(plain, observed_ranges(activities)))


def with_border_nodes(graph: Graph) -> Graph:
    """Return the same network with every explicit border of a convolution as a pad node before it."""
    tensors, nodes = dict(graph.tensors), []
    for node in graph.nodes:
        border = getattr(node.attributes, "padding", "valid")
        if node.operator != "conv2d" or isinstance(border, str) or border == ((0, 0), (0, 0)):
            nodes.append(node)
            continue
        source, name = tensors[node.inputs[0]], f"{node.outputs[0]}/bordered"
        padding = ((0, 0), *border, (0, 0))
        tensors[name] = Tensor(name, tuple(n + sum(pair) for n, pair in zip(source.shape, padding, strict=True)), source.dtype)
        nodes += [make_node("pad", f"{node.name}/border", [source.name], [name], padding=padding), _valid(node, name)]
    return make_graph(graph.name, tensors.values(), nodes, graph.inputs, graph.outputs)


def _valid(node: Node, source: str) -> Node:
    return replace(node, inputs=(source, *node.inputs[1:]), attributes=replace(node.attributes, padding="valid"))
