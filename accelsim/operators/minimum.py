"""The smaller of two tensors; quantised operands share one scale."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("minimum", np.minimum, lambda call, a, b: np.minimum(a, b), NoAttributes)
