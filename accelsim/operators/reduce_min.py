"""Minimum over axes."""

import numpy as np

from accelsim.operators._reduce import reduction

Attributes, output_shapes, work, evaluate = reduction("min", np.min)
