"""Difference of two tensors."""

import numpy as np

from accelsim.operators._binary import binary
from accelsim.operators._sums import quantised_sum

Attributes, output_shapes, work, evaluate = binary("sub", np.subtract, whole=lambda call: quantised_sum(call, -1))
