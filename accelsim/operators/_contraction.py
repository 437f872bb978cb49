"""What convolutions and matrix products share: operands in the type in which sums are exact, and the finish."""

from weakref import WeakKeyDictionary

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.graph import Node
from accelsim.graph.tensor import Tensor
from accelsim.kernels.convolution import exact_type
from accelsim.kernels.reduced_floats import Product, product, rounded
from accelsim.operators import Call
from accelsim.operators._few_bits import scaled_finish
from accelsim.operators._quantized import (
    FEW_BITS,
    FLOATS,
    INTEGERS,
    Finish,
    bounds,
    effective_scales,
    float_finish,
    integer_finish,
    integer_sums,
    single_scales,
    zero_of,
)

WEIGHT_FLOATS = ("float32", "float16")


def refuse(node: Node, message: str) -> AccelsimError:
    """Return the error for operands that do not fit each other."""
    return AccelsimError(f"node '{node.name}' ({node.operator})", message)


def check_bias(node: Node, bias: Tensor | None, filters: int) -> None:
    """Refuse a bias that has another size than there are filters."""
    if bias is not None and bias.elements != filters:
        raise refuse(node, f"bias of {bias.elements} for {filters} filters")


def is_hybrid(call: Call) -> bool:
    """Return whether float activations meet integer weights: the input is quantised while it runs."""
    source, weights, output = call.inputs[0], call.inputs[1], call.outputs[0]
    return source.dtype in FLOATS and output.dtype in FLOATS and weights.dtype == "int8" and weights.quantization is not None


def check_types(call: Call) -> None:
    """Refuse operand types and accumulators that no kernel has."""
    if call.numerics.accumulator_bits < 32:
        raise call.unsupported(f"no kernel keeps sums in {call.numerics.accumulator_bits} bits", "accumulators of 32 bits and more are exact here")
    source, weights = call.inputs[:2]
    floats = source.dtype in FLOATS and weights.dtype in WEIGHT_FLOATS
    integers = source.dtype in (*INTEGERS, *FEW_BITS) and weights.dtype in (*INTEGERS, *FEW_BITS)
    if not (floats or integers):
        raise call.unsupported(f"no kernel multiplies {source.dtype} by {weights.dtype}")


def refuse_narrow_floats(call: Call) -> None:
    """Refuse narrow float operands and accumulators in an operator whose kernel has none."""
    narrow = {call.numerics.float_operand, call.numerics.float_accumulator} - {"float32"}
    if narrow and call.inputs[0].dtype in FLOATS:
        raise call.unsupported(f"no kernel computes it in {' and '.join(sorted(narrow))}")


def centred_weights(weights: Tensor, values: np.ndarray, kind: type) -> np.ndarray:
    """Return weights less their zero points, in the type in which they are multiplied."""
    q = weights.quantization
    if q is None or not q.zero_point.any():
        return values.astype(kind)
    shape = [1] * values.ndim
    shape[q.axis] = -1
    return (values.astype(np.int32) - q.zero_point.reshape(shape)).astype(kind)


def largest_operand(source: Tensor) -> int:
    """Return the largest magnitude that an activation less its zero point can have."""
    low, high = bounds(source.dtype)
    return max(high - zero_of(source), zero_of(source) - low)


# Prepared once a tensor: a test set runs the same weights thousands of times.
_PREPARED: WeakKeyDictionary[Tensor, dict[int, np.ndarray]] = WeakKeyDictionary()


def panel_weights(call: Call) -> np.ndarray:
    """Return the weights of a matrix product, float32 where that is exact and float64 elsewhere; floats as the numerics round them."""
    source, weights = call.inputs[:2]
    if source.dtype in FLOATS:
        return rounded(call.values[1].astype(np.float32, copy=False), call.numerics.float_operand)
    reach = largest_operand(source)
    if not weights.is_constant:
        return exact_weights(weights, call.values[1], reach)
    prepared = _PREPARED.setdefault(weights, {})
    if reach not in prepared:
        prepared[reach] = exact_weights(weights, call.values[1], reach)
    return prepared[reach]


def operand_of(call: Call) -> np.ndarray:
    """Return the activations, floats rounded to the operand type of the numerics."""
    return rounded(call.values[0], call.numerics.float_operand) if call.inputs[0].dtype in FLOATS else call.values[0]


def product_of(call: Call) -> Product:
    """Return the matrix product with the accumulator of the numerics; integer sums are exact in any case."""
    return product(call.numerics.float_accumulator if call.inputs[0].dtype in FLOATS else "float32")


def exact_weights(weights: Tensor, values: np.ndarray, reach: int) -> np.ndarray:
    """Return weights less their zero points in the type that sums products with operands up to ``reach`` exactly."""
    centred = centred_weights(weights, values, np.float32)
    return centred.astype(exact_type(centred, reach), copy=False)


def finish_of(call: Call, filters: int, rounding: str, activation: str, legacy_scale: bool) -> Finish:
    """Return what brings exact sums to the output's type.

    Parameters
    ----------
    legacy_scale : bool
        The effective scale is formed in single precision (per-tensor uint8 and fully-connected layers).
    """
    bias = call.values[2] if len(call.values) > 2 else None
    if call.outputs[0].dtype in FLOATS and call.inputs[0].dtype not in FLOATS:
        return scaled_finish(call, filters, activation)
    if call.outputs[0].dtype in FLOATS:
        return float_finish(call, filters, bias, activation)
    if call.outputs[0].dtype == "int32":
        return integer_sums(bias)
    if rounding == "float_half_even":
        return integer_finish(call, rounding, single_scales(*call.inputs[:2], call.outputs[0], filters), bias, activation)
    scales = effective_scales(call.inputs[0], call.inputs[1], call.outputs[0], filters, per_channel=not legacy_scale)
    return integer_finish(call, rounding, scales, bias, activation)
