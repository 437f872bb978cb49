"""Depthwise convolution of (N, H, W, C) with filters (1, H, W, C * multiplier): each channel has its own."""

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.kernels.depthwise import depthwise_convolve
from accelsim.kernels.reduced_floats import depthwise_taps, rounded
from accelsim.operators import Call
from accelsim.operators._contraction import (
    centred_weights,
    check_bias,
    check_types,
    finish_of,
    operand_of,
    refuse,
)
from accelsim.operators._convolution import Attributes as Attributes
from accelsim.operators._convolution import contraction, extents
from accelsim.operators._prepared import prepared
from accelsim.operators._quantized import FLOATS, zero_of


def output_shapes(node, inputs):
    """Return (N, out_h, out_w, channels * multiplier)."""
    source, weights = inputs[:2]
    if len(source.shape) != 4 or len(weights.shape) != 4 or weights.shape[0] != 1 or weights.shape[3] % source.shape[3]:
        raise refuse(node, f"filters {weights.shape} do not fit {source.shape[-1]} channels")
    check_bias(node, inputs[2] if len(inputs) > 2 else None, weights.shape[3])
    (out_h, out_w), _ = extents(node, inputs)
    return ((source.shape[0], out_h, out_w, weights.shape[3]),)


def work(node, inputs, outputs):
    """Return one Contraction with as many groups as channels."""
    return (contraction(node, inputs, outputs, inputs[0].shape[3], 1),)


def evaluate(call: Call):
    """Return the depthwise convolution, rounded as the numerics say."""
    (out_h, out_w), (top, left), multiplied, zero, finish = prepared(call, _prepare)
    a, accumulator = call.node.attributes, call.numerics.float_accumulator
    filters = multiplied.shape[-1]
    out = np.empty((call.inputs[0].shape[0], out_h, out_w, filters), carrier(call.outputs[0].dtype))
    if call.inputs[0].dtype in FLOATS and accumulator != "float32":
        sums = np.empty_like(out)
        depthwise_taps(operand_of(call), multiplied, a.stride, a.dilation, top, left, accumulator, sums)
        finish(sums.reshape(-1, filters), out.reshape(-1, filters))
    else:
        depthwise_convolve(operand_of(call), multiplied, zero, a.stride, a.dilation, top, left, out, finish)
    return (out,)


def _prepare(call: Call):
    """Return the output's extent, the leading padding, the weights in the type of the sums, the zero point and the finish."""
    check_types(call)
    source, weights = call.inputs[:2]
    kind = np.float32 if source.dtype in FLOATS else np.int64 if source.dtype == "int16" else np.int32
    rounding, activation = call.numerics.requantization, call.node.attributes.activation
    finish = finish_of(call, weights.shape[3], rounding, activation, legacy_scale=source.dtype == "uint8")
    multiplied = centred_weights(weights, call.values[1], kind)[0]
    if kind is np.float32:
        multiplied = rounded(multiplied, call.numerics.float_operand)
    return *extents(call.node, call.inputs), multiplied, zero_of(source), finish
