"""Channels become blocks of pixels."""

import numpy as np

from accelsim.operators._blocks import Attributes as Attributes
from accelsim.operators._move import misfit, mover


def _shape(node, inputs):
    b, shape = node.attributes.block, inputs[0].shape
    if len(shape) != 4 or b < 1 or shape[3] % (b * b):
        raise misfit(node, f"shape {shape} has no blocks of {b} x {b}")
    return (shape[0], shape[1] * b, shape[2] * b, shape[3] // (b * b))


def _move(call):
    b, (n, h, w, c) = call.node.attributes.block, call.values[0].shape
    blocks = call.values[0].reshape(n, h, w, b, b, c // (b * b)).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(blocks.reshape(n, h * b, w * b, c // (b * b)))


output_shapes, work, evaluate = mover(_shape, _move, lambda node, inputs, shape: node.attributes.block * shape[3])
