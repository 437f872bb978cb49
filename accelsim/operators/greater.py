"""Whether a is greater than b, element by element."""

import numpy as np

from accelsim.operators._comparisons import comparison

Attributes, output_shapes, work, evaluate = comparison("greater", np.greater)
