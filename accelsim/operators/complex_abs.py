"""Magnitudes of complex numbers: the square root of the sum of two squares."""

import numpy as np

from accelsim.operators._complex import part

Attributes, output_shapes, work, evaluate = part("complex_abs", np.abs)
