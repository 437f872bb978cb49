"""The larger of two tensors; quantised operands share one scale."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("maximum", np.maximum, lambda call, a, b: np.maximum(a, b), NoAttributes)
