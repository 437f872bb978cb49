"""Full-integer post-training quantisation of a float graph, in TFLite's scheme.

Weights are symmetric int8 (per filter for convolutions, per tensor for fully-connected layers), activations asymmetric
int8 from given ranges, biases int32 at input scale times weight scale. Operators that only move or choose values keep one
scale from their inputs to their outputs; softmax and logistic have the fixed scale 1/256. A detector's post-processing reads codes and writes float32. Operators that exist in float32
only stay so, between a dequantize and a quantize node.

Source: the TensorFlow Lite 8-bit quantization specification.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.activity import Activity
from accelsim.graph.graph import Graph, Node, make_graph
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.operators import make_node

Range = tuple[float, float]
FILTER_AXIS = {"conv2d": 0, "depthwise_conv2d": 3, "fully_connected": None}
SAME_SCALE = frozenset(
    ("concatenation", "max_pool2d", "average_pool2d", "reshape", "squeeze", "transpose", "split", "strided_slice", "box_slice", "pad",
     "resize_nearest_neighbor")
)  # fmt: skip
FIXED = frozenset(("softmax", "logistic"))
FLOAT_ONLY = frozenset(("local_response_normalization",))
FLOAT_RESULTS = frozenset(("detection_postprocess",))  # reads codes, keeps its constants and writes float
RESCALING = frozenset(("add", "sub", "mul", "mean", "relu", "relu6", "hard_swish", "leaky_relu"))
UNIT = Quantization(np.array([1 / 256], np.float32), np.array([-128], np.int64))


def observed_ranges(activities: Iterable[Activity]) -> dict[str, Range]:
    """Return the smallest and largest value of every computed tensor over several runs of the float network."""
    ranges: dict[str, Range] = {}
    for activity in activities:
        for name, value in activity.values.items():
            low, high = float(value.min()), float(value.max())
            known = ranges.get(name, (low, high))
            ranges[name] = (min(low, known[0]), max(high, known[1]))
    return ranges


def quantize(graph: Graph, ranges: Mapping[str, Range]) -> Graph:
    """Return the int8 form of a float32 graph.

    Parameters
    ----------
    ranges : mapping of tensor name to (low, high)
        Real values that each input and computed tensor must cover (``observed_ranges``).

    Raises
    ------
    UnsupportedError
        An operator has no rule here.
    AccelsimError
        A tensor has no range.
    """
    scales = _activation_scales(graph, ranges)
    tensors = {name: replace(tensor, dtype="int8", quantization=scales[name]) for name, tensor in graph.tensors.items() if name in scales}
    for node in graph.nodes:
        if node.operator in FLOAT_RESULTS:
            tensors.update({t.name: t for t in graph.of((*node.inputs, *node.outputs)) if t.name not in scales})
        for tensor in _quantized_constants(node, graph, scales):
            known = tensors.setdefault(tensor.name, tensor)
            if known is not tensor and known.dtype != tensor.dtype:
                raise UnsupportedError(f"{graph.name}: node '{node.name}'", f"constant '{tensor.name}' is used both as {known.dtype} and as {tensor.dtype}")
    nodes = [piece for node in graph.nodes for piece in _with_float_islands(node, graph, tensors)]
    return make_graph(
        graph.name, tensors.values(), nodes, graph.inputs, graph.outputs, labels=graph.labels, source=graph.source, notes=graph.notes, numerics=graph.numerics
    )


def _with_float_islands(node: Node, graph: Graph, tensors: dict[str, Tensor]) -> list[Node]:
    """Return the node, or for a float-only operator three nodes: dequantize, the operator, quantize."""
    if node.operator not in FLOAT_ONLY:
        return [node]
    (read,), (written,) = node.inputs, node.outputs
    for name in (read, written):
        tensors[f"{name}/{node.name}/float"] = replace(graph.tensors[name], name=f"{name}/{node.name}/float")
    inside, outside = f"{read}/{node.name}/float", f"{written}/{node.name}/float"
    return [
        make_node("dequantize", f"{node.name}/dequantize", [read], [inside]),
        Node(node.name, node.operator, (inside,), (outside,), node.attributes),
        make_node("quantize", f"{node.name}/quantize", [outside], [written]),
    ]


def affine(low: float, high: float) -> Quantization:
    """Return the int8 scale and zero point that cover a range; zero is always represented exactly."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32(max((high - low) / 255, 1e-8))
    zero = int(np.clip(round(-128 - low / float(scale)), -128, 127))
    return Quantization(np.array([scale], np.float32), np.array([zero], np.int64))


def symmetric_codes(name: str, values: np.ndarray, axis: int | None) -> Tensor:
    """Return weights as int8 codes from -127 to 127 with one scale, or one per slice along ``axis``."""
    others = tuple(i for i in range(values.ndim) if i != axis)
    top = np.abs(values).max(axis=others if axis is not None else None, keepdims=True)
    scale = np.maximum(top / np.float32(127), np.float32(1e-12)).astype(np.float32)
    codes = np.clip(np.rint(values / scale), -127, 127).astype(np.int8)
    return Tensor(name, values.shape, "int8", Quantization(scale.ravel(), np.zeros(scale.size, np.int64), axis or 0), codes)


def _activation_scales(graph: Graph, ranges: Mapping[str, Range]) -> dict[str, Quantization]:
    """Return the quantisation of every input and computed tensor; tensors that share a scale share one object."""
    groups = _Groups()
    fixed = set()
    for node in graph.nodes:
        if node.operator in SAME_SCALE:
            groups.join([name for name in (*node.inputs, *node.outputs) if name is not None and not graph.tensors[name].is_constant])
        elif node.operator in FIXED:
            fixed.update(node.outputs)
        elif node.operator not in RESCALING | FLOAT_ONLY | FLOAT_RESULTS and node.operator not in FILTER_AXIS:
            raise UnsupportedError(f"{graph.name}: node '{node.name}'", f"operator '{node.operator}' has no rule of quantisation")
    computed = (*graph.inputs, *(name for node in graph.nodes if node.operator not in FLOAT_RESULTS for name in node.outputs))
    missing = [name for name in computed if name not in ranges]
    if missing:
        raise AccelsimError(f"{graph.name}: tensor '{missing[0]}'", "has no range", "calibrate with at least one run of the float network")
    members: dict[str, list[str]] = {}
    for name in computed:
        members.setdefault(groups.of(name), []).append(name)
    scales = {}
    for names in members.values():
        shared = UNIT if fixed.intersection(names) else affine(min(ranges[n][0] for n in names), max(ranges[n][1] for n in names))
        scales.update(dict.fromkeys(names, shared))
    return scales


class _Groups:
    """Disjoint sets of tensor names."""

    def __init__(self):
        self._parent: dict[str, str] = {}

    def of(self, name: str) -> str:
        while (parent := self._parent.get(name, name)) != name:
            name = parent
        return name

    def join(self, names: list[str]) -> None:
        for name in names[1:]:
            self._parent[self.of(name)] = self.of(names[0])


def _quantized_constants(node: Node, graph: Graph, scales: Mapping[str, Quantization]) -> list[Tensor]:
    """Return the constants that a node reads, quantised as it wants them."""
    tensors = graph.of(node.inputs)
    if node.operator in FLOAT_RESULTS:
        return []
    if node.operator not in FILTER_AXIS:
        return [_quantized_operand(t) if t.dtype == "float32" else t for t in tensors if t is not None and t.is_constant]
    weights = tensors[1] if tensors[1].dtype == "int8" else symmetric_codes(tensors[1].name, tensors[1].values, FILTER_AXIS[node.operator])
    if len(tensors) < 3 or tensors[2] is None:
        return [weights]
    bias = tensors[2]
    scale = scales[node.inputs[0]].scale.astype(np.float64) * weights.quantization.scale.astype(np.float64)
    limits = np.iinfo(np.int32)
    codes = np.clip(np.rint(bias.values / scale), limits.min, limits.max).astype(np.int32)
    return [weights, Tensor(bias.name, bias.shape, "int32", Quantization(scale.astype(np.float32), np.zeros(scale.size, np.int64)), codes)]


def _quantized_operand(tensor: Tensor) -> Tensor:
    """Return the constant operand of an element-wise operator, asymmetric per tensor."""
    q = affine(float(tensor.values.min()), float(tensor.values.max()))
    codes = np.clip(np.rint(tensor.values / q.scale[0]) + q.zero_point[0], -128, 127).astype(np.int8)
    return replace(tensor, dtype="int8", quantization=q, values=codes)
