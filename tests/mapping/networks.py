"""Small networks and chips for the laws of mapping and accounting."""

import numpy as np

from accelsim.graph.graph import Graph, make_graph
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.hardware.chip import Chip
from accelsim.operators import make_node
from accelsim.pipeline import load_chip

UNIT = Quantization(np.ones(1, np.float32), np.zeros(1, np.int64))


def chain(channels: list[int], size: int = 8, kernel: int = 3, name: str = "chain") -> Graph:
    """Return convolutions one after another: channels[0] in, channels[i] out of layer i."""
    tensors, nodes = [Tensor("x0", (1, size, size, channels[0]), "int8", UNIT)], []
    for i, (before, after) in enumerate(zip(channels, channels[1:], strict=False), start=1):
        values = np.ones((after, kernel, kernel, before), np.int8)
        tensors += [Tensor(f"w{i}", values.shape, "int8", UNIT, values), Tensor(f"x{i}", (1, size, size, after), "int8", UNIT)]
        nodes.append(make_node("conv2d", f"layer{i}", [f"x{i - 1}", f"w{i}", None], [f"x{i}"], stride=(1, 1), padding="same"))
    return make_graph(name, tensors, nodes, ["x0"], [f"x{len(channels) - 1}"])


def chip(name: str = "systolic_npu", *overrides: str) -> Chip:
    """Return a shipped chip with changes."""
    return load_chip(name, overrides)
