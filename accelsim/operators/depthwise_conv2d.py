"""Depthwise convolution of (N, H, W, C) with filters (1, H, W, C * multiplier): each channel has its own."""

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.kernels.depthwise import depthwise_convolve
from accelsim.kernels.depthwise_tiles import LANES
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
from accelsim.operators._floats import float_depthwise, on_float_tiles
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
    shape, kind, convolution = prepared(call, _prepare)
    out = np.empty((len(call.values[0]), *shape), kind)
    convolution(call, out)
    return (out,)


def _prepare(call: Call):
    """Return the shape of an output image, its carrier and the function (call, out) that fits the operands' types."""
    check_types(call)
    out_hw, pad = extents(call.node, call.inputs)
    return (*out_hw, call.inputs[1].shape[3]), carrier(call.outputs[0].dtype), _convolution(call, pad)


def _convolution(call: Call, pad):
    source, weights = call.inputs[:2]
    if on_float_tiles(call) and source.shape[3] == weights.shape[3] >= LANES:
        return float_depthwise(call, pad)
    a, accumulator, filters = call.node.attributes, call.numerics.float_accumulator, weights.shape[3]
    kind = np.float32 if source.dtype in FLOATS else np.int64 if source.dtype == "int16" else np.int32
    finish = finish_of(call, filters, call.numerics.requantization, a.activation, legacy_scale=source.dtype == "uint8")
    multiplied = centred_weights(weights, call.values[1], kind)[0]
    if kind is not np.float32:
        zero = zero_of(source)
        return lambda call, out: depthwise_convolve(operand_of(call), multiplied, zero, a.stride, a.dilation, *pad, out, finish)
    multiplied = rounded(multiplied, call.numerics.float_operand)
    if accumulator == "float32":
        return lambda call, out: depthwise_convolve(operand_of(call), multiplied, 0, a.stride, a.dilation, *pad, out, finish)

    def convolve(call: Call, out: np.ndarray) -> None:
        sums = np.empty_like(out)
        depthwise_taps(operand_of(call), multiplied, a.stride, a.dilation, *pad, accumulator, sums)
        finish(sums.reshape(-1, filters), out.reshape(-1, filters))

    return convolve
