"""Pooling over any number of spatial axes of (N, ..., C), with dilation: whole-array steps over the window's places."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from accelsim.graph.work import Window
from accelsim.operators import Call
from accelsim.operators._move import misfit

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Attributes:
    """One entry per spatial axis.

    padding : tuple of (before, after)
    overhang : tuple of int
        How far the last window reaches beyond the padding where extents were rounded up.
    count_padding : bool
        An average divides by the padding's places too.
    order : int
        Of the norm.
    """

    window: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    dilation: tuple[int, ...] = ()
    padding: tuple[Pair, ...] = ()
    overhang: tuple[int, ...] = ()
    count_padding: bool = False
    order: int = 2


def _extents(node, shape) -> tuple[int, ...]:
    a = node.attributes
    if not len(shape) - 2 == len(a.window) == len(a.stride) == len(a.dilation) == len(a.padding) == len(a.overhang):
        raise misfit(node, f"a window of {len(a.window)} axes does not fit shape {shape}")
    return tuple(
        (extent + sum(pair) + more - (size - 1) * spread - 1) // step + 1
        for extent, size, step, spread, pair, more in zip(shape[1:-1], a.window, a.stride, a.dilation, a.padding, a.overhang, strict=True)
    )


def pooling(operation: str, fold: Callable):
    """Return (output_shapes, work, evaluate).

    Parameters
    ----------
    fold : callable (call, places) -> ndarray
        ``places(values, border)`` yields the padded values under each place of the window.
    """

    def output_shapes(node, inputs):
        shape = inputs[0].shape
        return ((shape[0], *_extents(node, shape), shape[-1]),)

    def work(node, inputs, outputs):
        a, shape, out = node.attributes, inputs[0].shape, outputs[0].shape
        return (
            Window(
                reads=(inputs[0].name,), writes=(outputs[0].name,), operation=operation, batch=shape[0], out_h=math.prod(out[1:-2]), out_w=out[-2],
                channels=shape[-1], filter_h=math.prod(a.window[:-1]), filter_w=a.window[-1], stride_h=a.stride[0], stride_w=a.stride[-1],
                in_h=math.prod(shape[1:-2]), in_w=shape[-2], pad_top=a.padding[0][0], pad_left=a.padding[-1][0], element_type=inputs[0].dtype,
            ),
        )  # fmt: skip

    def evaluate(call: Call):
        a, extents = call.node.attributes, _extents(call.node, call.values[0].shape)

        def places(values, border, padded=True):
            sides = [(before, after + more) for (before, after), more in zip(a.padding, a.overhang, strict=True)]
            wide = np.pad(values, [(0, 0), *sides, (0, 0)], constant_values=border) if padded else values
            for place in np.ndindex(*a.window):
                index = (slice(p * d, p * d + (n - 1) * s + 1, s) for p, d, n, s in zip(place, a.dilation, extents, a.stride, strict=True))
                yield wide[(slice(None), *index)]

        return (np.ascontiguousarray(fold(call, places)),)

    return output_shapes, work, evaluate
