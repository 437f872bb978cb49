"""Whether a is not equal to b, element by element."""

import numpy as np

from accelsim.operators._comparisons import comparison

Attributes, output_shapes, work, evaluate = comparison("not_equal", np.not_equal)
