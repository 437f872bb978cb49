"""Convolution of (N, H, W, C) with filters (O, H, W, C / groups); the groups follow from the channels."""

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.kernels.convolution import by_depth, convolve
from accelsim.operators import Call
from accelsim.operators._bytes import bytes_convolution, on_bytes
from accelsim.operators._contraction import (
    check_bias,
    check_types,
    finish_of,
    is_hybrid,
    operand_of,
    panel_weights,
    product_of,
    refuse,
)
from accelsim.operators._convolution import Attributes as Attributes
from accelsim.operators._convolution import contraction, extents, moving
from accelsim.operators._few_bits import on_words, words_convolution
from accelsim.operators._floats import float_convolution, on_float_tiles
from accelsim.operators._hybrid import hybrid_convolve
from accelsim.operators._prepared import prepared
from accelsim.operators._quantized import Finish, zero_of


def output_shapes(node, inputs):
    """Return (N, out_h, out_w, filters)."""
    source, weights = inputs[:2]
    if len(source.shape) != 4 or len(weights.shape) != 4:
        raise refuse(node, f"input {source.shape} and filters {weights.shape} are not both of rank 4")
    if source.shape[3] % weights.shape[3] or weights.shape[0] % (source.shape[3] // weights.shape[3]):
        raise refuse(node, f"{source.shape[3]} channels and filters {weights.shape} form no groups")
    check_bias(node, inputs[2] if len(inputs) > 2 else None, weights.shape[0])
    (out_h, out_w), _ = extents(node, inputs)
    return ((source.shape[0], out_h, out_w, weights.shape[0]),)


def work(node, inputs, outputs):
    """Return one Contraction."""
    channels = inputs[1].shape[3]
    return (contraction(node, inputs, outputs, inputs[0].shape[3] // channels, channels),)


def evaluate(call: Call):
    """Return the convolution, each sum exact, rounded as the numerics say."""
    shape, kind, convolution = prepared(call, _prepare)
    out = np.empty((len(call.values[0]), *shape), kind)
    convolution(call, out)
    return (out,)


def _prepare(call: Call):
    """Return the shape of an output image, its carrier and the function (call, out) that fits the operands' types."""
    out_hw, pad = extents(call.node, call.inputs)
    return (*out_hw, call.inputs[1].shape[0]), carrier(call.outputs[0].dtype), _convolution(call, pad)


def _convolution(call: Call, pad):
    a = call.node.attributes
    if is_hybrid(call):
        return lambda call, out: hybrid_convolve(call, a, *pad, out)
    check_types(call)
    finish = finish_sums(call)
    if on_words(call) and call.inputs[0].shape[3] == call.inputs[1].shape[3]:
        return words_convolution(call, moving(call), finish)
    if on_bytes(call):
        return bytes_convolution(call, moving(call), finish)
    if on_float_tiles(call):
        return float_convolution(call, moving(call))
    weights, zero, product = by_depth(panel_weights(call)), zero_of(call.inputs[0]), product_of(call)
    return lambda call, out: convolve(operand_of(call), weights, zero, a.stride, a.dilation, *pad, out, finish, product)


def finish_sums(call: Call) -> Finish:
    """Return what brings the exact sums of integer operands to the output's type."""
    legacy = call.inputs[0].dtype == "uint8"
    return finish_of(call, call.inputs[1].shape[0], call.numerics.requantization, call.node.attributes.activation, legacy_scale=legacy)
