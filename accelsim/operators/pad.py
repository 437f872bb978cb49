"""A border of one value: real zero unless given (the zero point where quantised)."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import misfit, mover, trailing_run
from accelsim.operators._quantized import zero_of


@dataclass(frozen=True, slots=True)
class Attributes:
    """Elements before and after along each axis."""

    padding: tuple[tuple[int, int], ...] = ()


def _shape(node, inputs):
    shape, padding = inputs[0].shape, node.attributes.padding
    if len(padding) != len(shape) or min((side for pair in padding for side in pair), default=0) < 0:
        raise misfit(node, f"padding {padding} does not fit shape {shape}")
    return tuple(extent + before + after for extent, (before, after) in zip(shape, padding, strict=True))


def _run(node, inputs, shape):
    padded = [axis for axis, pair in enumerate(node.attributes.padding) if pair != (0, 0)]
    return trailing_run(inputs[0].shape, padded[-1] if padded else 0)


def _move(call: Call):
    value = call.values[1].item() if len(call.values) > 1 else zero_of(call.inputs[0])
    source, padding = call.values[0], call.node.attributes.padding
    padded = np.full(_shape(call.node, (source,)), value, source.dtype)
    padded[tuple(slice(before, before + extent) for extent, (before, _) in zip(source.shape, padding, strict=True))] = source
    return padded


output_shapes, work, evaluate = mover(_shape, _move, _run)
