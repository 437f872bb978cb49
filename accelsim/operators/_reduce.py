"""Reductions over named axes."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.graph.work import Reduce
from accelsim.operators import Call
from accelsim.operators._quantized import FLOATS, bounds


@dataclass(frozen=True, slots=True)
class Attributes:
    """Axes to fold (None: all) and whether they stay with extent 1."""

    axes: tuple[int, ...] | None = None
    keep_dims: bool = False


def axes_of(attributes: Attributes, rank: int) -> tuple[int, ...]:
    """Return the axes as sorted positions from the front, each once."""
    if attributes.axes is None:
        return tuple(range(rank))
    for axis in attributes.axes:
        if not -rank <= axis < rank:
            raise ValueError(f"axis {axis} of rank {rank}")
    return tuple(sorted({axis % rank for axis in attributes.axes}))


def reduction(operation: str, function: Callable, codes: Callable[[Call, tuple[int, ...]], np.ndarray] | None = None):
    """Return (Attributes, output_shapes, work, evaluate) of a reduction.

    Parameters
    ----------
    function : callable (array, axis=, keepdims=) -> array
    codes : callable (call, axes) -> integers before saturation, optional
        The quantised rule, with keepdims; without it the function is applied to the codes (maximum, minimum).
    """

    def output_shapes(node, inputs):
        shape, axes = inputs[0].shape, axes_of(node.attributes, len(inputs[0].shape))
        if node.attributes.keep_dims:
            return (tuple(1 if i in axes else extent for i, extent in enumerate(shape)),)
        return (tuple(extent for i, extent in enumerate(shape) if i not in axes),)

    def work(node, inputs, outputs):
        return (
            Reduce(
                reads=(inputs[0].name,), writes=(outputs[0].name,), operation=operation, elements=inputs[0].elements, results=outputs[0].elements,
                element_type=inputs[0].dtype,
            ),
        )  # fmt: skip

    def evaluate(call: Call):
        values, output = call.values[0], call.outputs[0]
        axes = axes_of(call.node.attributes, values.ndim)
        if call.inputs[0].dtype in FLOATS or codes is None or call.inputs[0].quantization is None:
            result = function(values, axis=axes, keepdims=call.node.attributes.keep_dims)
            return (np.asarray(result).astype(carrier(output.dtype), copy=False),)
        low, high = bounds(output.dtype)
        result = np.clip(codes(call, axes), low, high).astype(output.dtype)
        return (result if call.node.attributes.keep_dims else result.reshape([n for i, n in enumerate(values.shape) if i not in axes]),)

    return Attributes, output_shapes, work, evaluate


def folded(call: Call, axes: tuple[int, ...]) -> tuple[np.ndarray, int]:
    """Return (int64 sums of the codes with kept axes, how many codes each sum holds)."""
    values = call.values[0]
    return values.sum(axis=axes, dtype=np.int64, keepdims=True), math.prod(values.shape[axis] for axis in axes)
