"""A tensor repeated along its axes."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._move import misfit, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """Repetitions along each axis."""

    repeats: tuple[int, ...] = ()


def _shape(node, inputs):
    if len(node.attributes.repeats) != len(inputs[0].shape):
        raise misfit(node, f"repeats {node.attributes.repeats} do not fit shape {inputs[0].shape}")
    return tuple(extent * times for extent, times in zip(inputs[0].shape, node.attributes.repeats, strict=True))


output_shapes, work, evaluate = mover(
    _shape, lambda call: np.tile(call.values[0], call.node.attributes.repeats), lambda node, inputs, shape: inputs[0].shape[-1]
)
