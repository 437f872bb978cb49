"""The upper or lower triangle of matrices, zero elsewhere."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._move import misfit, mover


@dataclass(frozen=True, slots=True)
class Attributes:
    """Which triangle, and the diagonal it starts from (0 the main one, above it positive)."""

    upper: bool = True
    diagonal: int = 0


def _shape(node, inputs):
    if len(inputs[0].shape) < 2:
        raise misfit(node, f"shape {inputs[0].shape} holds no matrices")
    return inputs[0].shape


output_shapes, work, evaluate = mover(
    _shape,
    lambda call: (np.triu if call.node.attributes.upper else np.tril)(call.values[0], call.node.attributes.diagonal),
    lambda node, inputs, shape: 1,
)
