"""Index of the smallest element along an axis."""

import numpy as np

from accelsim.operators._argument import argument

Attributes, output_shapes, work, evaluate = argument("argmin", np.argmin)
