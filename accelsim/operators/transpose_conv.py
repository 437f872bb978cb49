"""Transposed convolution: each input pixel spreads its filter over the output."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Contraction
from accelsim.operators import Call
from accelsim.operators._contraction import centred_weights, check_bias, check_types, finish_of, refuse, refuse_narrow_floats
from accelsim.operators._quantized import FLOATS, zero_of
from accelsim.operators._spatial import Padding, reach


@dataclass(frozen=True, slots=True)
class Attributes:
    """Strides and dilations, padding of the forward convolution, output height and width, fused activation."""

    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: Padding = "valid"
    size: tuple[int, int] = (1, 1)
    activation: str = "none"


def _leading(node, inputs) -> tuple[int, int]:
    """Return rows and columns cut from the top and left: the padding of the convolution that this one transposes."""
    a = node.attributes
    sides = (a.padding, a.padding) if isinstance(a.padding, str) else a.padding
    return tuple(reach(*axis, side)[1] for *axis, side in zip(a.size, inputs[1].shape[1:3], a.stride, a.dilation, sides, strict=True))


def output_shapes(node, inputs):
    """Return (N, height, width, filters)."""
    source, weights = inputs[:2]
    if len(source.shape) != 4 or len(weights.shape) != 4 or source.shape[3] != weights.shape[3] or min(node.attributes.size) < 1:
        raise refuse(node, f"input {source.shape} does not fit filters {weights.shape}")
    check_bias(node, inputs[2] if len(inputs) > 2 else None, weights.shape[0])
    return ((source.shape[0], *node.attributes.size, weights.shape[0]),)


def work(node, inputs, outputs):
    """Return one Contraction whose output positions are the input's pixels: each makes filter_h x filter_w products per filter."""
    source, weights = inputs[:2]
    filters, filter_h, filter_w, channels = weights.shape
    return (
        Contraction(
            reads=tuple(t.name for t in inputs if t is not None and not t.is_constant),
            weights=tuple(t.name for t in inputs[1:] if t is not None and t.is_constant),
            writes=(outputs[0].name,), batch=source.shape[0], out_h=source.shape[1], out_w=source.shape[2],
            filters=filters * filter_h * filter_w, channels=channels, in_h=source.shape[1], in_w=source.shape[2],
            input_type=source.dtype, weight_type=weights.dtype, output_type=outputs[0].dtype,
            weight_is_constant=weights.is_constant, has_bias=len(inputs) > 2 and inputs[2] is not None,
        ),
    )  # fmt: skip


def evaluate(call: Call):
    """Return the transposed convolution; integer sums are exact in float64."""
    check_types(call)
    refuse_narrow_floats(call)
    a, (source, weights) = call.node.attributes, call.inputs[:2]
    filters, filter_h, filter_w, channels = weights.shape
    kind = np.float32 if source.dtype in FLOATS else np.float64
    images = call.values[0].astype(kind) - kind(zero_of(source))
    products = images @ centred_weights(weights, call.values[1], kind).reshape(-1, channels).T
    batch, in_h, in_w, _ = products.shape
    products = products.reshape(batch, in_h, in_w, filters, filter_h, filter_w)
    (top, left), (stride_h, stride_w) = _leading(call.node, call.inputs), a.stride
    spread_h, spread_w = a.dilation
    height = max((in_h - 1) * stride_h + (filter_h - 1) * spread_h + 1, top + a.size[0])
    width = max((in_w - 1) * stride_w + (filter_w - 1) * spread_w + 1, left + a.size[1])
    whole = np.zeros((batch, height, width, filters), kind)
    for fy in range(filter_h):
        for fx in range(filter_w):
            place = whole[:, fy * spread_h :, fx * spread_w :][:, : in_h * stride_h : stride_h, : in_w * stride_w : stride_w]
            place += products[..., fy, fx]
    sums = np.ascontiguousarray(whole[:, top : top + a.size[0], left : left + a.size[1]]).reshape(-1, filters)
    out = np.empty(sums.shape, carrier(call.outputs[0].dtype))
    finish_of(call, filters, call.numerics.requantization, a.activation, legacy_scale=source.dtype == "uint8")(sums, out)
    return (out.reshape(batch, *a.size, filters),)
