"""Every n-th element of a box, as Python's slices: each axis keeps a range or drops to one index."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators import Call
from accelsim.operators._move import misfit, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """One entry per axis of the input.

    begin, end : int or None
        None where the range reaches the tensor's end.
    strides : int
        Not zero.
    dropped : tuple of int
        Axes that keep only index ``begin`` and vanish.
    """

    begin: tuple[int | None, ...] = ()
    end: tuple[int | None, ...] = ()
    strides: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()


def _index(node, rank: int) -> tuple:
    a = node.attributes
    if not len(a.begin) == len(a.end) == len(a.strides) == rank or 0 in a.strides:
        raise misfit(node, f"begin {a.begin}, end {a.end} and strides {a.strides} do not fit a tensor of rank {rank}")
    return tuple((a.begin[i] or 0) if i in a.dropped else slice(a.begin[i], a.end[i], a.strides[i]) for i in range(rank))


def _shape(node, inputs):
    index, shape = _index(node, len(inputs[0].shape)), inputs[0].shape
    if any(isinstance(i, int) and not -extent <= i < extent for i, extent in zip(index, shape, strict=True)):
        raise misfit(node, f"an index of {node.attributes.begin} lies outside shape {shape}")
    return tuple(len(range(*i.indices(extent))) for i, extent in zip(index, shape, strict=True) if isinstance(i, slice))


def _move(call: Call):
    return np.asarray(call.values[0][_index(call.node, call.values[0].ndim)], order="C")


output_shapes, work, evaluate = mover(_shape, _move, lambda node, inputs, shape: shape[-1] if shape else 1)
