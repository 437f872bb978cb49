"""A tensor's shape as a tensor."""

import numpy as np

from accelsim.graph.tensor import carrier
from accelsim.operators._move import mover
from accelsim.operators._unary import NoAttributes

Attributes = NoAttributes
output_shapes, work, evaluate = mover(
    lambda node, inputs: (len(inputs[0].shape),), lambda call: np.array(call.values[0].shape, carrier(call.outputs[0].dtype)), "view"
)
