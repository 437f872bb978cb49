"""The same network on a batch: independent inputs side by side along the leading axis."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.graph import Graph, Node, make_graph
from accelsim.graph.tensor import Tensor
from accelsim.operators import load

# What each operator's attributes say about the leading axis; a function returns them for another batch or None where
# the operator mixes or moves that axis.
Rule = Callable[[object, tuple[Tensor | None, ...], int, int], object | None]


def _same(a, inputs, old, new):
    return a


def _reshape(a, inputs, old, new):
    return replace(a, shape=(new, *a.shape[1:])) if a.shape and a.shape[0] == old else None


def _axis(a, inputs, old, new):
    return a if a.axis % max(1, len(inputs[0].shape)) else None


def _new_axis(a, inputs, old, new):
    return a if a.axis % (len(inputs[0].shape) + 1) else None


def _axes(a, inputs, old, new):
    axes = range(len(inputs[0].shape)) if a.axes is None else (axis % len(inputs[0].shape) for axis in a.axes)
    return None if 0 in axes else a


def _squeeze(a, inputs, old, new):
    return None if not a.axes or 0 in (axis % len(inputs[0].shape) for axis in a.axes) else a


def _strided_slice(a, inputs, old, new):
    whole = 0 not in a.dropped and a.strides[0] == 1 and a.begin[0] in (None, 0, -old) and (a.end[0] is None or a.end[0] >= old)
    return replace(a, begin=(None, *a.begin[1:]), end=(None, *a.end[1:])) if whole else None


def _box_slice(a, inputs, old, new):
    return replace(a, size=(-1, *a.size[1:])) if a.begin[0] == 0 and a.size[0] in (-1, old) else None


RULES: dict[str, Rule] = {
    "reshape": _reshape,
    "strided_slice": _strided_slice,
    "box_slice": _box_slice,
    "squeeze": _squeeze,
    "transpose": lambda a, inputs, old, new: a if a.permutation[0] == 0 else None,
    "tile": lambda a, inputs, old, new: a if a.repeats[0] == 1 else None,
    "lstm": lambda a, inputs, old, new: None if a.time_major else a,
    **dict.fromkeys(("pad", "mirror_pad"), lambda a, inputs, old, new: a if a.padding[0] == (0, 0) else None),
    **dict.fromkeys(("concatenation", "split", "unpack", "gather", "softmax", "arg_max", "arg_min", "interpolate", "layer_normalization", "cumulative_sum", "top_k"), _axis),
    **dict.fromkeys(("expand_dims", "pack"), _new_axis),
    **dict.fromkeys(("mean", "reduce_sum", "reduce_max", "reduce_min", "reduce_prod", "reduce_any", "reduce_all"), _axes),
    **dict.fromkeys(
        ("conv2d", "depthwise_conv2d", "transpose_conv", "fully_connected", "max_pool2d", "average_pool2d", "log_softmax", "depth_to_space",
         "space_to_depth", "resize_bilinear", "resize_nearest_neighbor", "quantize", "dequantize", "cast", "shape", "read_variable",
         "assign_variable", "add", "sub", "mul", "div", "maximum", "minimum", "squared_difference", "prelu", "select", "equal", "not_equal", "less",
         "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_not", "relu", "relu6", "relu_n1_to_1", "leaky_relu",
         "hard_swish", "local_response_normalization", "logistic", "tanh", "elu", "exp", "log", "sqrt", "rsqrt", "square", "absolute", "neg", "sin", "cos",
         "floor", "ceil", "round_half_even", "quantize_few_bits", "multi_threshold", "clip", "pow", "batch_matmul", "gelu", "erf", "selu", "celu",
         "hard_sigmoid", "swish", "mish", "softplus", "softsign", "thresholded_relu", "reciprocal", "sign", "max_pool", "average_pool", "lp_pool"), _same),
}  # fmt: skip
BROADCAST = ("add", "sub", "mul", "div", "maximum", "minimum", "squared_difference", "prelu", "select", "equal", "not_equal", "less", "less_equal",
             "greater", "greater_equal", "logical_and", "logical_or", "pow", "batch_matmul")  # fmt: skip


def with_batch(graph: Graph, batch: int) -> Graph:
    """Return the network on ``batch`` times as many independent inputs.

    Parameters
    ----------
    batch : int
        Leading extent of every input in the result; the graph's own must be 1 or equal.

    Raises
    ------
    UnsupportedError
        A node moves or mixes the leading axis, so that inputs would not stay independent; it is named.
    """
    if batch < 1:
        raise AccelsimError(f"{graph.name}: batch", f"{batch} is not a positive number")
    leading = {graph.tensors[name].shape[:1] for name in graph.inputs}
    if leading == {(batch,)}:
        return graph
    if leading != {(1,)}:
        raise UnsupportedError(graph.name, f"inputs have leading extents {sorted(leading)}, not one batch of 1")
    tensors = dict(graph.tensors)
    batched = {*graph.inputs, *(t.name for t in tensors.values() if t.is_state)}
    for name in batched:
        tensors[name] = _repeated(graph, tensors[name], batch)
    nodes = [_rebatched(graph, node, tensors, batched, batch) for node in graph.nodes]
    return make_graph(
        graph.name, tensors.values(), nodes, graph.inputs, graph.outputs, numerics=graph.numerics, labels=graph.labels, source=graph.source,
        notes=(*graph.notes, f"batch of {batch}"),
    )  # fmt: skip


def _repeated(graph: Graph, tensor: Tensor, batch: int) -> Tensor:
    if tensor.shape[:1] != (1,):
        raise UnsupportedError(f"{graph.name}: tensor '{tensor.name}'", f"shape {tensor.shape} has no batch axis of 1")
    values = None if tensor.values is None else np.repeat(tensor.values, batch, axis=0)
    return replace(tensor, shape=(batch, *tensor.shape[1:]), values=values)


def _rebatched(graph: Graph, node: Node, tensors: dict[str, Tensor], batched: set[str], batch: int) -> Node:
    """Return the node on the batch; record its outputs' new shapes."""
    if not any(name in batched for name in node.inputs):
        return node
    old = graph.of(node.inputs)
    attributes = RULES[node.operator](node.attributes, old, 1, batch) if node.operator in RULES else None
    if node.operator not in RULES or (attributes is None and node.attributes is not None) or _mixes(node, old, batched):
        raise UnsupportedError(f"{graph.name}: node '{node.name}' ({node.operator})", "moves or mixes the batch axis: the network cannot run batched")
    node = replace(node, attributes=attributes)
    read = tuple(None if name is None else tensors[name] for name in node.inputs)
    for name, shape in zip(node.outputs, load(node.operator).output_shapes(node, read), strict=True):
        if node.operator != "shape":
            batched.add(name)
        tensors[name] = replace(tensors[name], shape=shape)
    return node


def _mixes(node: Node, inputs: tuple[Tensor | None, ...], batched: set[str]) -> bool:
    """Return whether an operand that is not batched lies along the batch axis of one that is."""
    rank = max(len(t.shape) for t in inputs if t is not None and t.name in batched)
    others = [t for t in inputs if t is not None and t.name not in batched]
    if node.operator in BROADCAST:
        short = any(len(t.shape) < rank for t in inputs if t is not None and t.name in batched)
        return short or any(len(t.shape) > rank or (len(t.shape) == rank and t.shape[:1] not in ((1,), ())) for t in others)
    if node.operator in ("concatenation", "pack"):
        return bool(others)
    if node.operator in ("conv2d", "depthwise_conv2d", "transpose_conv", "fully_connected", "gather"):
        return any(t is not None and t.name in batched for t in inputs[1:])
    return False
