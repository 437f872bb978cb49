"""A box out of a tensor."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import misfit, mover
from accelsim.operators._prepared import prepared


@dataclass(frozen=True, slots=True)
class Attributes:
    """First index and extent along each axis; extent -1 reaches to the end."""

    begin: tuple[int, ...] = ()
    size: tuple[int, ...] = ()


def _shape(node, inputs):
    a, shape = node.attributes, inputs[0].shape
    if not len(a.begin) == len(a.size) == len(shape):
        raise misfit(node, f"begin {a.begin} and size {a.size} do not fit shape {shape}")
    result = tuple(extent - first if size == -1 else size for first, size, extent in zip(a.begin, a.size, shape, strict=True))
    if any(first < 0 or size < 0 or first + size > extent for first, size, extent in zip(a.begin, result, shape, strict=True)):
        raise misfit(node, f"begin {a.begin} and size {a.size} reach outside shape {shape}")
    return result


def _box(call: Call):
    starts, sizes = call.node.attributes.begin, _shape(call.node, call.inputs)
    return tuple(slice(first, first + size) for first, size in zip(starts, sizes, strict=True))


def _move(call: Call):
    return np.ascontiguousarray(call.values[0][prepared(call, _box)])


output_shapes, work, evaluate = mover(_shape, _move, lambda node, inputs, shape: shape[-1] if shape else 1)
