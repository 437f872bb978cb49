"""Matrix products of two tensors whose leading axes broadcast; activations on both sides (attention)."""

import math
from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Contraction
from accelsim.operators import Call
from accelsim.operators._contraction import refuse
from accelsim.operators._matmul import exact_products, finish_products


@dataclass(frozen=True, slots=True)
class Attributes:
    """Whether the last two axes of an operand stand in the other order."""

    transpose_a: bool = False
    transpose_b: bool = False


def _extents(node, inputs):
    """Return (leading axes, rows, inner extent, columns)."""
    a, b = inputs[0].shape, inputs[1].shape
    if min(len(a), len(b)) < 2:
        raise refuse(node, f"operands {a} and {b} are not both matrices")
    rows, inner = a[-2:][::-1] if node.attributes.transpose_a else a[-2:]
    other, columns = b[-2:][::-1] if node.attributes.transpose_b else b[-2:]
    try:
        leading = np.broadcast_shapes(a[:-2], b[:-2])
    except ValueError as error:
        raise refuse(node, f"leading axes of {a} and {b} do not broadcast") from error
    if inner != other:
        raise refuse(node, f"inner extents {inner} and {other} of {a} and {b} differ")
    return leading, rows, inner, columns


def output_shapes(node, inputs):
    """Return (leading axes..., rows, columns)."""
    leading, rows, _, columns = _extents(node, inputs)
    return ((*leading, rows, columns),)


def work(node, inputs, outputs):
    """Return one Contraction; each right operand of its own is a group, a shared one takes the leading axes as rows."""
    leading, rows, inner, columns = _extents(node, inputs)
    matrices, operands = math.prod(leading), math.prod(inputs[1].shape[:-2])
    return (
        Contraction(
            reads=tuple(t.name for t in inputs if not t.is_constant), weights=tuple(t.name for t in inputs if t.is_constant),
            writes=(outputs[0].name,), batch=matrices // operands if operands > 1 else 1, group=operands,
            out_h=rows if operands > 1 else rows * matrices, in_h=rows if operands > 1 else rows * matrices, filters=columns, channels=inner,
            input_type=inputs[0].dtype, weight_type=inputs[1].dtype, output_type=outputs[0].dtype, weight_is_constant=inputs[1].is_constant,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the products; integer sums are exact and rounded as the numerics say."""
    a, b = call.values[:2]
    a = a.swapaxes(-1, -2) if call.node.attributes.transpose_a else a
    b = b.swapaxes(-1, -2) if call.node.attributes.transpose_b else b
    return (finish_products(call, exact_products(call, a, b)).astype(carrier(call.outputs[0].dtype), copy=False),)
