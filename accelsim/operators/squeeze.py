"""Extents of 1 are dropped: the named ones, or all."""

from dataclasses import dataclass

from accelsim.operators._move import axis_of, misfit, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """Axes to drop; empty for every axis of extent 1."""

    axes: tuple[int, ...] = ()


def _shape(node, inputs):
    shape = inputs[0].shape
    axes = {axis_of(node, axis, len(shape)) for axis in node.attributes.axes} or {i for i, extent in enumerate(shape) if extent == 1}
    if any(shape[axis] != 1 for axis in axes):
        raise misfit(node, f"an axis of {sorted(axes)} of {shape} has not extent 1")
    return tuple(extent for i, extent in enumerate(shape) if i not in axes)


output_shapes, work, evaluate = mover(_shape, lambda call: call.values[0].reshape(_shape(call.node, (call.values[0],))), "view")
