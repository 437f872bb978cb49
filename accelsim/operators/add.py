"""Sum of two tensors; residual connections."""

import numpy as np

from accelsim.operators._binary import binary
from accelsim.operators._sums import quantised_sum

Attributes, output_shapes, work, evaluate = binary("add", np.add, whole=quantised_sum)
