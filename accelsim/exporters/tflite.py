"""Write a graph as a TFLite file, so that the reference runtime and other tools can run what accelsim made.

The inverse of ``accelsim.importers.tflite`` for the operators in ``OPERATORS``; int8 and float32. Schema: TensorFlow Lite
``schema_v3c.fbs`` through the ``tflite`` package's builder functions.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from accelsim.base.errors import UnsupportedError
from accelsim.graph.graph import Graph, Node
from accelsim.graph.tensor import Tensor
from accelsim.operators._spatial import window

TYPES = {"float32": "FLOAT32", "int8": "INT8", "uint8": "UINT8", "int32": "INT32", "int16": "INT16", "int64": "INT64"}
ACTIVATIONS = {"none": "NONE", "relu": "RELU", "relu6": "RELU6", "relu_n1_to_1": "RELU_N1_TO_1"}
SCHEMA_VERSION = 3
ALIGNMENT = 16


@dataclass(frozen=True, slots=True)
class Form:
    """How an operator stands in the file.

    Attributes
    ----------
    code, version : str, int
        Built-in operator and the version that added int8.
    table : str
        Its options table, or empty.
    fields : callable (node, *input tensors) -> dict
        The table's fields.
    extra : callable (node) -> list, optional
        Values of the int32 tensors that the file has where the graph has attributes, nested as their shapes are.
    extra_first : bool
        Those tensors precede the others (split).
    """

    code: str
    version: int
    table: str = ""
    fields: Callable[..., dict] = lambda node, *inputs: {}
    extra: Callable[[Node], list] = lambda node: []
    extra_first: bool = False


def save(graph: Graph, path: str | Path) -> None:
    """Write a graph to a ``.tflite`` file; class names go behind it as TFLite metadata packs them (``labels.txt`` in a zip).

    Raises
    ------
    UnsupportedError
        An operator, a padding or a type has no form here.
    """
    path = Path(path)
    path.write_bytes(encode(graph))
    if graph.labels:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(zipfile.ZipInfo("labels.txt"), "\n".join(graph.labels) + "\n")


def encode(graph: Graph) -> bytes:
    """Return the bytes of the ``.tflite`` file."""
    return _Writer(graph).finish()


def _padding(node: Node, source: Tensor, filter_hw: tuple[int, int], dilation: tuple[int, int] = (1, 1)) -> int:
    """Return SAME or VALID; explicit padding must equal one of them."""
    import tflite

    extents, stride, padding = source.shape[1:3], node.attributes.stride, node.attributes.padding
    for word in ("same", "valid"):
        if padding == word or window(extents, filter_hw, stride, dilation, padding) == window(extents, filter_hw, stride, dilation, word):
            return getattr(tflite.Padding, word.upper())
    raise UnsupportedError(f"node '{node.name}' ({node.operator})", f"padding {padding} has no TFLite form", "it is neither same nor valid")


def _convolution(node: Node, source: Tensor, weights: Tensor) -> dict:
    a = node.attributes
    strides = {"StrideH": a.stride[0], "StrideW": a.stride[1], "DilationHFactor": a.dilation[0], "DilationWFactor": a.dilation[1]}
    return {"Padding": _padding(node, source, weights.shape[1:3], a.dilation), **strides, **_fused(node)}


def _depthwise(node: Node, source: Tensor, weights: Tensor) -> dict:
    return {**_convolution(node, source, weights), "DepthMultiplier": weights.shape[3] // source.shape[3]}


def _pool(node: Node, source: Tensor) -> dict:
    a = node.attributes
    extents = {"StrideH": a.stride[0], "StrideW": a.stride[1], "FilterHeight": a.window[0], "FilterWidth": a.window[1]}
    return {"Padding": _padding(node, source, a.window), **extents, **_fused(node)}


def _fused(node: Node, *inputs: Tensor) -> dict:
    import tflite

    return {"FusedActivationFunction": getattr(tflite.ActivationFunctionType, ACTIVATIONS[node.attributes.activation])}


def _slice_masks(node: Node, *inputs: Tensor) -> dict:
    """Return which axes reach to the tensor's ends and which vanish, as bits."""
    a = node.attributes
    open_axes = {"BeginMask": [i for i, place in enumerate(a.begin) if place is None], "EndMask": [i for i, place in enumerate(a.end) if place is None]}
    return {name: sum(1 << axis for axis in axes) for name, axes in (open_axes | {"ShrinkAxisMask": a.dropped}).items()}


def _slice_limits(node: Node) -> list:
    a = node.attributes
    return [[place or 0 for place in a.begin], [place or 0 for place in a.end], list(a.strides)]


OPERATORS = {
    "conv2d": Form("CONV_2D", 3, "Conv2DOptions", _convolution),
    "depthwise_conv2d": Form("DEPTHWISE_CONV_2D", 3, "DepthwiseConv2DOptions", _depthwise),
    "fully_connected": Form("FULLY_CONNECTED", 4, "FullyConnectedOptions", lambda node, *inputs: {**_fused(node), "KeepNumDims": node.attributes.keep_dims}),
    "max_pool2d": Form("MAX_POOL_2D", 2, "Pool2DOptions", _pool),
    "average_pool2d": Form("AVERAGE_POOL_2D", 2, "Pool2DOptions", _pool),
    "add": Form("ADD", 2, "AddOptions", _fused),
    "mul": Form("MUL", 2, "MulOptions", _fused),
    "concatenation": Form("CONCATENATION", 2, "ConcatenationOptions", lambda node, *inputs: {"Axis": node.attributes.axis}),
    "softmax": Form("SOFTMAX", 2, "SoftmaxOptions", lambda node, *inputs: {"Beta": node.attributes.beta}),
    "leaky_relu": Form("LEAKY_RELU", 2, "LeakyReluOptions", lambda node, *inputs: {"Alpha": node.attributes.alpha}),
    "logistic": Form("LOGISTIC", 2),
    "hard_swish": Form("HARD_SWISH", 1),
    "relu": Form("RELU", 2),
    "relu6": Form("RELU6", 2),
    "quantize": Form("QUANTIZE", 1),
    "dequantize": Form("DEQUANTIZE", 2),
    "mean": Form("MEAN", 2, "ReducerOptions", lambda node, *inputs: {"KeepDims": node.attributes.keep_dims}, lambda node: [list(node.attributes.axes)]),
    "reshape": Form("RESHAPE", 1, extra=lambda node: [list(node.attributes.shape)]),
    "transpose": Form("TRANSPOSE", 2, extra=lambda node: [list(node.attributes.permutation)]),
    "pad": Form("PAD", 2, extra=lambda node: [[list(pair) for pair in node.attributes.padding]]),
    "strided_slice": Form("STRIDED_SLICE", 2, "StridedSliceOptions", _slice_masks, _slice_limits),
    "split": Form("SPLIT", 2, "SplitOptions", lambda node, *inputs: {"NumSplits": len(node.outputs)}, lambda node: [node.attributes.axis], extra_first=True),
    "resize_nearest_neighbor": Form(
        "RESIZE_NEAREST_NEIGHBOR",
        2,
        "ResizeNearestNeighborOptions",
        lambda node, *inputs: {"AlignCorners": node.attributes.align_corners, "HalfPixelCenters": node.attributes.half_pixel_centers},
        lambda node: [list(node.attributes.size)],
    ),
}


class _Writer:
    """One file under construction: flatbuffers are written from the leaves up."""

    def __init__(self, graph: Graph):
        import flatbuffers
        import tflite

        self._schema, self._graph = tflite, graph
        self._builder = flatbuffers.Builder(1 << 16)
        self._tensors = {name: index for index, name in enumerate(graph.tensors)}
        self._records = list(graph.tensors.values())
        self._codes: dict[tuple[str, int], int] = {}

    def finish(self) -> bytes:
        operators = [self._operator(node) for node in self._graph.nodes]
        buffers = [self._table("Buffer")]
        tensors = [self._tensor(record, buffers) for record in self._records]
        subgraph = self._table(
            "SubGraph",
            Tensors=self._offsets(tensors),
            Inputs=self._ints([self._tensors[name] for name in self._graph.inputs]),
            Outputs=self._ints([self._tensors[name] for name in self._graph.outputs]),
            Operators=self._offsets(operators),
            Name=self._builder.CreateString(self._graph.name),
        )
        model = self._table(
            "Model",
            Version=SCHEMA_VERSION,
            OperatorCodes=self._offsets([self._code(*key) for key in self._codes]),
            Subgraphs=self._offsets([subgraph]),
            Description=self._builder.CreateString(self._graph.source or "accelsim"),
            Buffers=self._offsets(buffers),
        )
        self._builder.Finish(model, b"TFL3")
        return bytes(self._builder.Output())

    def _table(self, kind: str, **fields) -> int:
        getattr(self._schema, f"{kind}Start")(self._builder)
        for name, value in fields.items():
            if value is not None:
                getattr(self._schema, f"{kind}Add{name}")(self._builder, value)
        return getattr(self._schema, f"{kind}End")(self._builder)

    def _offsets(self, items: list[int]) -> int:
        self._builder.StartVector(4, len(items), 4)
        for item in reversed(items):
            self._builder.PrependUOffsetTRelative(item)
        return self._builder.EndVector()

    def _ints(self, items: list[int]) -> int:
        return self._builder.CreateNumpyVector(np.array(items, np.int32))

    def _operator(self, node: Node) -> int:
        form = OPERATORS.get(node.operator)
        if form is None:
            raise UnsupportedError(f"{self._graph.name}: node '{node.name}'", f"operator '{node.operator}' has no TFLite form here")
        inputs = [-1 if name is None else self._tensors[name] for name in node.inputs]
        added = [self._extra(node, place, values) for place, values in enumerate(form.extra(node))]
        inputs = added + inputs if form.extra_first else inputs + added
        tensors = self._graph.of(node.inputs[:2] if "conv2d" in node.operator else node.inputs)
        options = self._table(form.table, **form.fields(node, *tensors)) if form.table else None
        return self._table(
            "Operator",
            OpcodeIndex=self._codes.setdefault((form.code, form.version), len(self._codes)),
            Inputs=self._ints(inputs),
            Outputs=self._ints([self._tensors[name] for name in node.outputs]),
            BuiltinOptionsType=getattr(self._schema.BuiltinOptions, form.table) if form.table else None,
            BuiltinOptions=options,
        )

    def _extra(self, node: Node, place: int, values: list | int) -> int:
        array = np.array(values, np.int32)
        self._records.append(Tensor(f"{node.name}/{node.operator}_argument_{place}", array.shape, "int32", values=array))
        return len(self._records) - 1

    def _code(self, code: str, version: int) -> int:
        number = getattr(self._schema.BuiltinOperator, code)
        return self._table("OperatorCode", DeprecatedBuiltinCode=min(number, 127), BuiltinCode=number, Version=version)

    def _tensor(self, tensor: Tensor, buffers: list[int]) -> int:
        if tensor.dtype not in TYPES:
            raise UnsupportedError(f"{self._graph.name}: tensor '{tensor.name}'", f"type {tensor.dtype} has no TFLite form here")
        buffer = 0
        if tensor.values is not None:
            buffer = len(buffers)
            buffers.append(self._table("Buffer", Data=self._data(np.ascontiguousarray(tensor.values).tobytes())))
        return self._table(
            "Tensor",
            Name=self._builder.CreateString(tensor.name),
            Shape=self._ints(list(tensor.shape)),
            Type=getattr(self._schema.TensorType, TYPES[tensor.dtype]),
            Buffer=buffer,
            Quantization=self._quantization(tensor),
        )

    def _quantization(self, tensor: Tensor) -> int | None:
        q = tensor.quantization
        if q is None:
            return None
        scale = self._builder.CreateNumpyVector(q.scale.astype(np.float32))
        zero = self._builder.CreateNumpyVector(q.zero_point.astype(np.int64))
        return self._table("QuantizationParameters", Scale=scale, ZeroPoint=zero, QuantizedDimension=q.axis)

    def _data(self, data: bytes) -> int:
        # CreateByteVector aligns to one byte; the schema forces sixteen, and the runtime maps the file as it is.
        self._builder.StartVector(1, len(data), ALIGNMENT)
        self._builder.head = self._builder.Head() - len(data)
        self._builder.Bytes[self._builder.Head() : self._builder.Head() + len(data)] = data
        return self._builder.EndVector()
