"""Difference of two tensors."""

import numpy as np

from accelsim.operators._binary import binary
from accelsim.operators._sums import sum_codes

Attributes, output_shapes, work, evaluate = binary("sub", np.subtract, lambda call, a, b: sum_codes(call, a, b, -1))
