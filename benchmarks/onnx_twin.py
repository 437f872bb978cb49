"""A float32 recipe as the ONNX model of the same arithmetic, so that other runtimes can be timed on it."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from accelsim.graph.graph import Graph, Node
from accelsim.operators._spatial import window

OPSET = 17


def onnx_twin(graph: Graph) -> onnx.ModelProto:
    """Return a classifier's recipe (convolutions, sums, pooling, fully-connected layers) in ONNX's layout (N, C, H, W)."""
    twin = _Twin(graph)
    for node in graph.nodes:
        getattr(twin, node.operator)(node)
    source, result = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    batch, height, width, channels = source.shape
    inputs = [helper.make_tensor_value_info(source.name, TensorProto.FLOAT, (batch, channels, height, width))]
    outputs = [helper.make_tensor_value_info(result.name, TensorProto.FLOAT, result.shape)]
    made = helper.make_graph(twin.nodes, graph.name, inputs, outputs, twin.constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)


class _Twin:
    """Nodes and constants so far; a method per operator of the recipes that are timed."""

    def __init__(self, graph: Graph):
        self.graph, self.nodes, self.constants = graph, [], []

    def add_node(self, kind: str, node: Node, inputs: list[str], **attributes) -> None:
        """Append a node and, where it is fused, its rectifier."""
        activation = getattr(node.attributes, "activation", "none")
        written = node.outputs[0] if activation == "none" else f"{node.outputs[0]}/sums"
        self.nodes.append(helper.make_node(kind, inputs, [written], **attributes))
        if activation == "relu":
            self.nodes.append(helper.make_node("Relu", [written], [node.outputs[0]]))
        elif activation == "relu6":
            limits = [self.constant(f"{node.name}/{word}", np.float32(value)) for word, value in (("low", 0), ("high", 6))]
            self.nodes.append(helper.make_node("Clip", [written, *limits], [node.outputs[0]]))

    def constant(self, name: str, values: np.ndarray) -> str:
        """Enter a constant."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def spatial(self, node: Node, filter_hw: tuple[int, int], dilation=(1, 1)) -> dict:
        """Return strides and explicit padding."""
        a, extents = node.attributes, self.graph.tensors[node.inputs[0]].shape[1:3]
        (out_h, out_w), (top, left) = window(extents, filter_hw, a.stride, dilation, a.padding)
        sizes = [(n - 1) * s + (k - 1) * d + 1 for n, s, k, d in zip((out_h, out_w), a.stride, filter_hw, dilation, strict=True)]
        after = [max(0, size - extent - before) for size, extent, before in zip(sizes, extents, (top, left), strict=True)]
        return {"kernel_shape": filter_hw, "strides": a.stride, "pads": (top, left, *after)}

    def convolution(self, node: Node, permutation: tuple[int, ...], group: int) -> None:
        weights = self.graph.tensors[node.inputs[1]]
        held = [self.constant(weights.name, weights.values.transpose(permutation))]
        if len(node.inputs) > 2 and node.inputs[2] is not None:
            held.append(self.constant(node.inputs[2], self.graph.tensors[node.inputs[2]].values))
        spatial = self.spatial(node, weights.shape[1:3], node.attributes.dilation)
        self.add_node("Conv", node, [node.inputs[0], *held], group=group, dilations=node.attributes.dilation, **spatial)

    def conv2d(self, node: Node) -> None:
        channels = self.graph.tensors[node.inputs[0]].shape[3]
        self.convolution(node, (0, 3, 1, 2), channels // self.graph.tensors[node.inputs[1]].shape[3])

    def depthwise_conv2d(self, node: Node) -> None:
        self.convolution(node, (3, 0, 1, 2), self.graph.tensors[node.inputs[0]].shape[3])

    def add(self, node: Node) -> None:
        self.add_node("Add", node, list(node.inputs))

    def max_pool2d(self, node: Node) -> None:
        self.add_node("MaxPool", node, [node.inputs[0]], **self.spatial(node, node.attributes.window))

    def mean(self, node: Node) -> None:
        self.nodes.append(helper.make_node("GlobalAveragePool", [node.inputs[0]], [f"{node.outputs[0]}/image"]))
        self.nodes.append(helper.make_node("Flatten", [f"{node.outputs[0]}/image"], [node.outputs[0]]))

    def fully_connected(self, node: Node) -> None:
        held = [self.constant(name, self.graph.tensors[name].values) for name in node.inputs[1:] if name is not None]
        self.add_node("Gemm", node, [node.inputs[0], *held], transB=1)

    def softmax(self, node: Node) -> None:
        self.nodes.append(helper.make_node("Softmax", [node.inputs[0]], [node.outputs[0]], axis=-1))
