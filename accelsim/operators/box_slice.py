"""A box out of a tensor."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import misfit, mover


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


def _move(call: Call):
    sizes = _shape(call.node, (call.values[0],))
    return np.ascontiguousarray(call.values[0][tuple(slice(b, b + n) for b, n in zip(call.node.attributes.begin, sizes, strict=True))])


output_shapes, work, evaluate = mover(_shape, _move, lambda node, inputs, shape: shape[-1] if shape else 1)
