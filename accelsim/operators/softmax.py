"""Softmax along one axis.

Source of the integer rule: TensorFlow Lite ``optimized_ops::Softmax`` with its table of exponentials (the reference
resolver uses it too), and ``reference_ops::SoftmaxInt16``.
"""

from dataclasses import dataclass, replace

import numpy as np

from accelsim.graph.work import Elementwise, Lookup, Reduce
from accelsim.operators import Call
from accelsim.operators._onnxruntime import is_onnxruntime, softmax
from accelsim.operators._quantized import FLOATS, bounds, round_away, scale_of, zero_of


@dataclass(frozen=True, slots=True)
class Attributes:
    """Factor on the input, and the axis that sums to 1."""

    beta: float = 1.0
    axis: int = -1


def output_shapes(node, inputs):
    """Return the input's shape."""
    return (inputs[0].shape,)


def work(node, inputs, outputs):
    """Return the maximum of each row, the exponentials (a table where quantised), their sum and the quotients."""
    source, output = inputs[0], outputs[0]
    n, rows, kind = source.elements, source.elements // max(1, source.shape[node.attributes.axis]), source.dtype
    exponentials = Elementwise(operation="exp", elements=n, element_type=kind) if kind in FLOATS else Lookup(operation="exp", elements=n, element_type=kind)
    works = (
        Reduce(reads=(source.name,), operation="max", elements=n, results=rows, element_type=kind),
        exponentials,
        Reduce(operation="sum", elements=n, results=rows, element_type="float32"),
        Elementwise(writes=(output.name,), operation="div", elements=n, operands=2, element_type="float32"),
    )
    return works if kind in FLOATS else tuple(replace(work, step_of="softmax") for work in works)


def evaluate(call: Call):
    """Return the softmax; integers by the reference's table in single precision."""
    a, source, output = call.node.attributes, call.inputs[0], call.outputs[0]
    values = np.moveaxis(call.values[0], a.axis, -1)
    if source.dtype in FLOATS:
        result = _float_softmax(values, np.float32(a.beta))
    elif source.dtype in ("int8", "uint8") and is_onnxruntime(call.numerics):
        result = softmax(values, source, output)
    elif source.dtype in ("int8", "uint8"):
        result = _table_softmax(values, np.float32(a.beta), scale_of(source), output.dtype, scale_of(output), zero_of(output))
    else:
        raise call.unsupported(f"no kernel computes it on {source.dtype}")
    return (np.ascontiguousarray(np.moveaxis(result, -1, a.axis)),)


def _float_softmax(values: np.ndarray, beta: np.float32) -> np.ndarray:
    exponentials = np.exp((values - values.max(axis=-1, keepdims=True)) * beta)
    return exponentials / exponentials.sum(axis=-1, keepdims=True, dtype=np.float32)


def _table_softmax(values: np.ndarray, beta: np.float32, scale: np.float32, dtype: str, out_scale: np.float32, out_zero: int) -> np.ndarray:
    # The C library's expf is correctly rounded in nearly every case; numpy's float32 exp is not, so round from double.
    table = np.exp(((-scale * beta) * np.arange(256, dtype=np.float32)).astype(np.float64)).astype(np.float32)
    codes = values.astype(np.int64)
    exponentials = table[codes.max(axis=-1, keepdims=True) - codes]
    # The reference adds one after another in single precision; cumsum keeps that order.
    total = np.cumsum(exponentials, axis=-1, dtype=np.float32)[..., -1:]
    rescaled = exponentials * (np.float32(1) / (total * out_scale))
    rounded = np.trunc(rescaled + np.float32(0.5)) if dtype == "uint8" else round_away(rescaled)
    low, high = bounds(dtype)
    return np.clip(rounded.astype(np.int64) + (0 if dtype == "uint8" else out_zero), low, high).astype(dtype)
