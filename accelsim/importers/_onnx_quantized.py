"""ONNX's quantised operators: QOperator nodes and QDQ groups are the float operators on tensors that carry a scale.

A DequantizeLinear makes nothing until a node asks for real values: a node that computes on integers takes the codes. A
node whose operands all stand for codes and whose only reader is a QuantizeLinear is computed in integers, as onnxruntime
fuses it.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from accelsim.graph.tensor import Quantization
from accelsim.importers._onnx_builder import Builder
from accelsim.importers._onnx_record import Record, affine
from accelsim.importers._onnx_types import element_type

# Operators that onnxruntime computes on integers between DequantizeLinear and QuantizeLinear.
ARITHMETIC = ("Conv", "Gemm", "MatMul", "Add", "Mul", "AveragePool", "GlobalAveragePool", "Sigmoid", "LeakyRelu", "Softmax", "Concat")
# Operators that only move or choose codes: integers where both sides have one scale.
MOVING = ("MaxPool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Split", "Gather", "DepthToSpace", "SpaceToDepth", "Pad", "Resize",
          "Expand", "Identity")  # fmt: skip
# QOperator forms: operator, then for each real operand the inputs (value, scale, zero point), the output's (scale, zero point), a plain input or None.
QOPERATORS = {
    "QLinearConv": ("Conv", ((0, 1, 2), (3, 4, 5)), (6, 7), 8),
    "QLinearMatMul": ("MatMul", ((0, 1, 2), (3, 4, 5)), (6, 7), None),
    "QGemm": ("Gemm", ((0, 1, 2), (3, 4, 5)), (7, 8), 6),
    "QLinearAdd": ("Add", ((0, 1, 2), (3, 4, 5)), (6, 7), None),
    "QLinearMul": ("Mul", ((0, 1, 2), (3, 4, 5)), (6, 7), None),
    "QLinearAveragePool": ("AveragePool", ((0, 1, 2),), (3, 4), None),
    "QLinearGlobalAveragePool": ("GlobalAveragePool", ((0, 1, 2),), (3, 4), None),
    "QLinearSigmoid": ("Sigmoid", ((0, 1, 2),), (3, 4), None),
    "QLinearLeakyRelu": ("LeakyRelu", ((0, 1, 2),), (3, 4), None),
    "QLinearSoftmax": ("Softmax", ((0, 1, 2),), (3, 4), None),
}
FILTER_AXIS = {"Conv": 0, "MatMul": 1}


def with_quantization(b: Builder, value: str, q: Quantization) -> str:
    """Return the value with a scale: itself where it has none or the same one, else a view."""
    form = b.form(value)
    if form.quantization is None:
        for name in (value, b.last.get(value)):
            if name in b.tensors:
                b.put(replace(b.tensors[name], quantization=q))
                _rescale_last(b, value, name)
        return value
    if _equal(form.quantization, q):
        return value
    view = b.fresh("rescaled")
    if form.is_constant:
        b.put(replace(b.first(value), name=view, quantization=q))
    else:
        is_last = b.is_last(value)
        b.emit("reshape", [form.name], b.target(view, is_last), quantization=q, shape=form.shape)
    return view


def _rescale_last(b: Builder, value: str, name: str) -> None:
    """Keep the axis of per-channel scales with the channels-last form."""
    tensor = b.tensors[name]
    if name != value and not tensor.quantization.per_tensor:
        order = (0, *range(2, len(tensor.shape)), 1)
        b.put(replace(tensor, quantization=replace(tensor.quantization, axis=order.index(tensor.quantization.axis))))


def _equal(p: Quantization, q: Quantization) -> bool:
    return np.array_equal(p.scale, q.scale) and np.array_equal(p.zero_point, q.zero_point) and p.axis == q.axis


def scale_at(b: Builder, r: Record, scale: int, zero: int, axis: int) -> tuple[Quantization, np.ndarray | None]:
    """Return the quantisation that two inputs hold, and the zero point as stored."""
    zeros = b.required(r, zero, "zero point") if r.has(zero) else None
    return affine(b.required(r, scale, "scale"), zeros, axis), zeros


def with_zero_point(b: Builder, r: Record, value: int, zero: int, axis: int = 0) -> str:
    """Return an integer operand with its zero point and a scale of one."""
    zeros = b.required(r, zero, "zero point") if r.has(zero) else np.zeros(1, np.int64)
    return with_quantization(b, r.input(value), affine(np.ones(zeros.size, np.float32), zeros, axis))


def q_operator(b: Builder, r: Record) -> None:
    """Translate a QOperator node as the float operator on tensors with scales."""
    kind, operands, out, extra = QOPERATORS[r.kind]
    axis = (0 if r.attributes.get("transB") else 1) if kind == "Gemm" else FILTER_AXIS.get(kind, 0)
    names = []
    for index, (value, scale, zero) in enumerate(operands):
        names.append(with_quantization(b, r.input(value), scale_at(b, r, scale, zero, axis if index else 0)[0]))
    if extra is not None and r.has(extra):
        names.append(r.input(extra))
    if kind == "Gemm" and not r.has(out[0]):
        raise r.refused("a QGemm with float output is not supported")
    q, zeros = scale_at(b, r, *out, 0)
    dtype = b.form(r.input(0)).dtype if zeros is None else str(zeros.dtype)
    if r.get("channels_last", 0):
        raise r.refused("channels_last = 1 is not supported")
    attributes = {name: value for name, value in r.attributes.items() if name not in ("channels_last", "opset")}
    b.translate(b, replace(r, kind=kind, domain="", opset=r.get("opset", r.opset), inputs=names, attributes=attributes, output_type=(dtype, q)))


def q_concat(b: Builder, r: Record) -> None:
    """Translate QLinearConcat: scale and zero point of the output, then (value, scale, zero point) of each input."""
    q, zeros = scale_at(b, r, 0, 1, 0)
    names = [with_quantization(b, r.input(i), scale_at(b, r, i + 1, i + 2, 0)[0]) for i in range(2, len(r.inputs), 3)]
    b.translate(b, replace(r, kind="Concat", domain="", inputs=names, output_type=(str(zeros.dtype), q)))


def quantize(b: Builder, r: Record) -> None:
    """Translate QuantizeLinear."""
    r.get("saturate"), r.get("precision"), r.fixed("block_size", 0, 0)
    shape = b.shape(r.input(0))
    axis = r.get("axis", 1)
    q, zeros = scale_at(b, r, 1, 2, axis % max(1, len(shape)))
    number = r.get("output_dtype", 0)
    dtype = element_type(number, r.place) if number else "uint8" if zeros is None else b.form(r.input(2)).dtype
    if q.per_tensor:
        b.emit("quantize", [b.form(r.input(0)).name], b.target(r.outputs[0], b.is_last(r.input(0))), dtype, q)
    else:
        b.emit("quantize", [b.first(r.input(0)).name], r.outputs[0], dtype, q)


def dequantize(b: Builder, r: Record) -> None:
    """Translate DequantizeLinear: real values are made when a node asks for them."""
    r.fixed("block_size", 0, 0), r.get("output_dtype")
    axis = r.get("axis", 1)
    q, _ = scale_at(b, r, 1, 2, axis % max(1, len(b.shape(r.input(0)))))
    source = with_quantization(b, r.input(0), q)
    b.codes[r.outputs[0]] = source

    def make():
        form = b.form(source) if q.per_tensor else b.first(source)
        b.emit("dequantize", [form.name], b.target(r.outputs[0], q.per_tensor and b.is_last(source)), "float32")

    b.pending[r.outputs[0]] = make


def dynamic_quantize(b: Builder, r: Record) -> None:
    """Translate DynamicQuantizeLinear."""
    b.emit_all("dynamic_quantize", [b.first(r.input(0)).name], list(r.outputs), ["uint8", "float32", "uint8"])


def in_integers(b: Builder, r: Record) -> Record | None:
    """Return the node on codes where onnxruntime computes it in integers, and take its QuantizeLinear into it."""
    if r.kind not in ARITHMETIC + MOVING or r.domain not in ("", "ai.onnx") or len([o for o in r.outputs if o]) != 1:
        return None
    operands = len(r.inputs) if r.kind in ARITHMETIC else 1
    if any(name and name not in b.codes for name in r.inputs[:operands]):
        return None
    reader = b.next_alone(r.outputs[0], "QuantizeLinear")
    merged = [reader]
    if reader is None and r.kind in ("Conv", "Gemm", "Add"):
        relu = b.next_alone(r.outputs[0], "Relu")
        reader = b.next_alone(relu.outputs[0], "QuantizeLinear") if relu else None
        merged = [relu, reader]
    if reader is None or any(name and b.constant(name) is None for name in reader.inputs[1:]):
        return None
    q, zeros = scale_at(b, reader, 1, 2, 0)
    dtype = "uint8" if zeros is None else b.form(reader.input(2)).dtype
    if not q.per_tensor or dtype not in ("int8", "uint8") or (len(merged) == 2 and q.zero_point[0] != np.iinfo(dtype).min):
        return None
    codes = [b.codes.get(name, name) if i < operands else name for i, name in enumerate(r.inputs)]
    if r.kind in MOVING and not (_equal(b.form(codes[0]).quantization, q) and b.form(codes[0]).dtype == dtype):
        return None
    if r.kind in ("Gemm", "MatMul", "Conv") and not all(b.form(codes[i]).dtype in ("int8", "uint8") for i in (0, 1)):
        return None
    for node in merged:
        b.merged(node)
    return replace(r, inputs=codes, outputs=list(reader.outputs), output_type=(dtype, q) if r.kind in ARITHMETIC else None)


TRANSLATIONS: dict[str, Callable[[Builder, Record], None]] = {
    **dict.fromkeys(QOPERATORS, q_operator), "QLinearConcat": q_concat, "QuantizeLinear": quantize, "DequantizeLinear": dequantize,
    "DynamicQuantizeLinear": dynamic_quantize,
}  # fmt: skip
