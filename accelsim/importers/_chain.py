"""A network written down layer by layer in accelsim's own words, for formats that hold weights and no graph."""

from dataclasses import dataclass, field

import numpy as np

from accelsim.graph.graph import Graph, Node, make_graph
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Quantization, Structure, Tensor
from accelsim.operators import load, make_node


@dataclass
class Chain:
    """Tensors and nodes so far."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)

    def input(self, name: str, shape: tuple[int, ...], dtype: str, quantization: Quantization | None = None) -> str:
        """Enter a graph input."""
        self.tensors[name] = Tensor(name, shape, dtype, quantization)
        return name

    def constant(self, name: str, values: np.ndarray, dtype: str | None = None, structure: Structure | None = None) -> str:
        """Enter a constant."""
        values = np.ascontiguousarray(values)
        self.tensors[name] = Tensor(name, values.shape, dtype or str(values.dtype), None, values, structure)
        return name

    def node(self, operator: str, name: str, inputs: list[str | None], dtype: str | None = None, **attributes) -> str:
        """Append a node of one output, named as the node; return its name."""
        node = make_node(operator, name, inputs, [name], **attributes)
        read = [None if i is None else self.tensors[i] for i in inputs]
        (shape,) = load(operator).output_shapes(node, read)
        self.tensors[name] = Tensor(name, shape, dtype or read[0].dtype, read[0].quantization if dtype is None else None)
        self.nodes.append(node)
        return name

    def graph(self, name: str, inputs: list[str], outputs: list[str], numerics: Numerics, source: str, notes: tuple[str, ...] = ()) -> Graph:
        """Return the network."""
        return make_graph(name, self.tensors.values(), self.nodes, inputs, outputs, numerics=numerics, source=source, notes=notes)
