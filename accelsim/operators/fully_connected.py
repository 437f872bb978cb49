"""Matrix product of (..., K) rows with weights (filters, K), plus bias."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Contraction
from accelsim.kernels.convolution import exact_type, multiply
from accelsim.kernels.reduced_floats import product, rounded
from accelsim.operators import Call
from accelsim.operators._bytes import are_byte_columns, bytes_product, columns_of, on_bytes
from accelsim.operators._contraction import centred_weights, check_bias, check_types, finish_of, is_hybrid, panel_weights, product_of, refuse
from accelsim.operators._few_bits import on_words, words_product
from accelsim.operators._hybrid import hybrid_rows
from accelsim.operators._prepared import prepared
from accelsim.operators._quantized import FLOATS, Finish, zero_of


@dataclass(frozen=True, slots=True)
class Attributes:
    """Fused activation; whether the leading dimensions of the input are kept; how a float input meets int8 weights."""

    activation: str = "none"
    keep_dims: bool = False
    asymmetric_input: bool = False


def output_shapes(node, inputs):
    """Return (rows, filters), or the input's shape with filters for its last extent."""
    source, weights = inputs[:2]
    if len(weights.shape) != 2 or weights.shape[1] == 0 or source.elements % weights.shape[1]:
        raise refuse(node, f"input {source.shape} does not fit weights {weights.shape}")
    filters, depth = weights.shape
    check_bias(node, inputs[2] if len(inputs) > 2 else None, filters)
    if node.attributes.keep_dims:
        return ((*source.shape[:-1], filters),)
    return ((source.elements // depth, filters),)


def work(node, inputs, outputs):
    """Return one Contraction: rows as out_h."""
    source, weights = inputs[:2]
    filters, depth = weights.shape
    rows = source.elements // depth
    return (
        Contraction(
            reads=tuple(t.name for t in inputs if t is not None and not t.is_constant),
            weights=tuple(t.name for t in inputs[1:] if t is not None and t.is_constant),
            writes=(outputs[0].name,), out_h=rows, in_h=rows, filters=filters, channels=depth,
            input_type=source.dtype, weight_type=weights.dtype, output_type=outputs[0].dtype,
            weight_is_constant=weights.is_constant, has_bias=len(inputs) > 2 and inputs[2] is not None,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the product, rounded as the numerics say for fully-connected layers."""
    kind, (filters, depth), product = prepared(call, _prepare)
    values = call.values[0]
    rows = values.reshape(-1, depth)
    out = np.empty((len(rows), filters), kind)
    product(call, rows, out)
    return (out.reshape(*values.shape[:-1], filters) if call.node.attributes.keep_dims else out,)


def _prepare(call: Call):
    """Return the carrier of the output, the shape of the weights and the function (call, rows, out) that fits the operands' types."""
    return carrier(call.outputs[0].dtype), call.inputs[1].shape, _product(call)


def _product(call: Call):
    if is_hybrid(call):
        return _hybrid(call)
    check_types(call)
    finish = finish_sums(call)
    if on_words(call):
        return words_product(call, finish)
    if on_bytes(call):
        return bytes_product(call, finish)
    multiply_all, zero = product_of(call), zero_of(call.inputs[0])
    narrow = call.numerics.float_operand if call.inputs[0].dtype in FLOATS else "float32"
    return lambda call, rows, out: multiply(rounded(rows, narrow), panel_weights(call), zero, out, finish, multiply_all)


def finish_sums(call: Call) -> Finish:
    """Return what brings the exact sums of integer operands to the output's type."""
    filters, rounding = call.inputs[1].shape[0], call.numerics.fully_connected_requantization
    per_channel = call.inputs[1].quantization is not None and not call.inputs[1].quantization.per_tensor
    return finish_of(call, filters, rounding, call.node.attributes.activation, legacy_scale=not per_channel)


def _hybrid(call: Call):
    """Return the function for float rows, each quantised by itself, and integer weights."""
    weights = call.inputs[1]
    if are_byte_columns(weights, call.values[1], 255):
        columns = columns_of(call)

        def multiply_codes(codes, zero, out, finish):
            finish(columns.sums(codes, zero), out)

    else:
        centred = centred_weights(weights, call.values[1], np.float32)
        exact = centred.astype(exact_type(centred, 255), copy=False)

        def multiply_codes(codes, zero, out, finish):
            multiply(codes, exact, zero, out, finish, product("float32"))

    def multiply_rows(call: Call, rows: np.ndarray, out: np.ndarray) -> None:
        a = call.node.attributes
        for index, (codes, zero, finish) in enumerate(hybrid_rows(call, rows, not a.asymmetric_input, a.activation)):
            multiply_codes(codes[None], zero, out[index : index + 1], finish)

    return multiply_rows
