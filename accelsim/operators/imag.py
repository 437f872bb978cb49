"""Imaginary parts of complex numbers."""

import numpy as np

from accelsim.operators._complex import part

Attributes, output_shapes, work, evaluate = part("imag", np.imag)
