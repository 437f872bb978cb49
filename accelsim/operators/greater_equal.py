"""Whether a is greater equal to b, element by element."""

import numpy as np

from accelsim.operators._comparisons import comparison

Attributes, output_shapes, work, evaluate = comparison("greater_equal", np.greater_equal)
