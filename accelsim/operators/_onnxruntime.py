"""The integer rules of onnxruntime's CPU kernels: float32 inside, halves to even at the end.

Source: onnxruntime ``core/mlas/lib/qladd.cpp`` and ``qlmul.cpp``, ``contrib_ops/cpu/quantization`` (qlinear_pool,
qlinear_global_average_pool, qlinear_lookup_table, qlinear_softmax, qlinear_concat), each checked against the runtime.
"""

import numpy as np

from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Tensor
from accelsim.kernels.fused_sums import add_fused
from accelsim.operators import Call
from accelsim.operators._prepared import prepared
from accelsim.operators._quantized import bounds, clamp_range, scale_of, zero_of


def is_onnxruntime(numerics: Numerics) -> bool:
    """Return whether these are onnxruntime's rules."""
    return numerics.requantization == "float_half_even"


def fused(a, b, c) -> np.ndarray:
    """Return a * b + c rounded once to float32: the product of two float32 is exact in float64."""
    return (np.asarray(a, np.float64) * np.float64(b) + c).astype(np.float32)


def saturated(values: np.ndarray, tensor: Tensor) -> np.ndarray:
    """Return rounded values within the tensor's type."""
    return np.clip(np.rint(values), *bounds(tensor.dtype)).astype(tensor.dtype)


def real(tensor: Tensor, codes: np.ndarray) -> np.ndarray:
    """Return what codes stand for, in float32."""
    return (codes.astype(np.int32) - zero_of(tensor)).astype(np.float32) * scale_of(tensor)


def coded(tensor: Tensor, values: np.ndarray) -> np.ndarray:
    """Return float32 values as codes of a tensor: divided by the scale, halves to even."""
    return saturated(np.rint(values / scale_of(tensor)) + np.float32(zero_of(tensor)), tensor)


def added(call: Call, sign: int = 1) -> np.ndarray:
    """Return the codes of a + sign * b: two fused steps on the raw codes, zero points in one constant."""
    ratio_a, ratio_b, offset, low, high, kind = prepared(call, _addition if sign == 1 else _subtraction, reads_values=False)
    a, b = call.values
    if a.shape != b.shape:
        a, b = np.broadcast_arrays(a, b)
    out = np.empty(a.shape, kind)
    add_fused(np.ascontiguousarray(a).reshape(-1), np.ascontiguousarray(b).reshape(-1), ratio_a, ratio_b, offset, low, high, out.reshape(-1))
    return out


def _addition(call: Call, sign: int = 1):
    """Return the ratios of both scales to the output's, the constant, the limits and the type of the codes."""
    first, second, output = call.inputs[0], call.inputs[1], call.outputs[0]
    ratio_a, ratio_b = scale_of(first) / scale_of(output), np.float32(sign) * (scale_of(second) / scale_of(output))
    offset = np.float32(zero_of(output)) - fused(ratio_a, zero_of(first), ratio_b * np.float32(zero_of(second)))
    low, high = clamp_range(call, call.node.attributes.activation, output)
    return *(float(x) for x in (ratio_a, ratio_b, offset, low, high)), np.dtype(output.dtype)


def _subtraction(call: Call):
    return _addition(call, -1)


def multiplied(call: Call) -> np.ndarray:
    """Return the codes of a * b."""
    first, second, output = call.inputs[0], call.inputs[1], call.outputs[0]
    products = (call.values[0].astype(np.int32) - zero_of(first)) * (call.values[1].astype(np.int32) - zero_of(second))
    ratio = scale_of(first) * scale_of(second) / scale_of(output)
    return saturated(products.astype(np.float32) * ratio + np.float32(zero_of(output)), output)


def averaged(call: Call, axes: tuple[int, ...]) -> np.ndarray:
    """Return the codes of the mean over axes that stay with extent 1: an integer sum and one factor."""
    source, output, values = call.inputs[0], call.outputs[0], call.values[0]
    count = int(np.prod([values.shape[axis] for axis in axes]))
    total = values.sum(axis=axes, dtype=np.int32, keepdims=True) - count * zero_of(source)
    factor = scale_of(source) / (scale_of(output) * np.float32(count))
    return saturated(np.rint(total.astype(np.float32) * factor) + np.float32(zero_of(output)), output)


def softmax(values: np.ndarray, source: Tensor, output: Tensor) -> np.ndarray:
    """Return the codes of softmax along the last axis: a table of exponentials, scaled by 1 / output scale rounded down."""
    scale, depth = np.float64(scale_of(source)), values.shape[-1]
    lift = max(0.0, np.log(np.float64(np.float32(np.finfo(np.float32).max / np.float32(depth)))) - 5) / scale
    table = np.exp((np.arange(256) - 255 + lift) * scale).astype(np.float32)
    codes = values.astype(np.int64)
    exponentials = table[255 - (codes.max(axis=-1, keepdims=True) - codes)]
    total = np.cumsum(exponentials, axis=-1, dtype=np.float32)[..., -1:]
    levels = np.rint(exponentials * np.floor(np.float32(1) / scale_of(output)) / total)
    return np.clip(levels + zero_of(output), *bounds(output.dtype)).astype(output.dtype)
