"""Pooling over windows of (N, H, W, C)."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.work import Window
from accelsim.operators import Call
from accelsim.operators._prepared import prepared
from accelsim.operators._quantized import FLOATS, bounds, clamp_range, float_clamp
from accelsim.operators._spatial import Padding, window


@dataclass(frozen=True, slots=True)
class Attributes:
    """Window, strides, padding and the fused activation."""

    window: tuple[int, int] = (2, 2)
    stride: tuple[int, int] = (2, 2)
    padding: Padding = "valid"
    activation: str = "none"


def pooling(operation: str, pool):
    """Return (Attributes, output_shapes, work, evaluate) of a pooling operator.

    Parameters
    ----------
    pool : callable (images, (window), (stride), pad_top, pad_left, low, high, out)
        The kernel; clamps between low and high and writes out.
    """

    def reach_of(node, shape):
        a = node.attributes
        return window(shape[1:3], a.window, a.stride, (1, 1), a.padding)

    def output_shapes(node, inputs):
        shape = inputs[0].shape
        if len(shape) != 4:
            raise AccelsimError(f"node '{node.name}' ({node.operator})", f"input {shape} is not of rank 4")
        (out_h, out_w), _ = reach_of(node, shape)
        return ((shape[0], out_h, out_w, shape[3]),)

    def work(node, inputs, outputs):
        a, shape = node.attributes, inputs[0].shape
        (out_h, out_w), (top, left) = reach_of(node, shape)
        return (
            Window(
                reads=(inputs[0].name,), writes=(outputs[0].name,), operation=operation, batch=shape[0], out_h=out_h, out_w=out_w, channels=shape[3],
                filter_h=a.window[0], filter_w=a.window[1], stride_h=a.stride[0], stride_w=a.stride[1], in_h=shape[1], in_w=shape[2],
                pad_top=top, pad_left=left, element_type=inputs[0].dtype,
            ),
        )  # fmt: skip

    def evaluate(call: Call):
        a, images = call.node.attributes, call.values[0]
        (out_h, out_w), pad, low, high = prepared(call, prepare)
        out = np.empty((images.shape[0], out_h, out_w, images.shape[3]), images.dtype)
        pool(images, *a.window, *a.stride, *pad, low, high, out)
        return (out,)

    def prepare(call: Call):
        return *reach_of(call.node, call.inputs[0].shape), *_limits(call)

    return Attributes, output_shapes, work, evaluate


def _limits(call: Call):
    """Return the fused clamp in the numbers of the stored type."""
    activation, output = call.node.attributes.activation, call.outputs[0]
    if output.dtype in FLOATS:
        low, high = float_clamp(call, activation)
        return np.float32(low), np.float32(high)
    return bounds(output.dtype) if output.quantization is None else clamp_range(call, activation, output)
