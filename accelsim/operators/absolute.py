"""Absolute value."""

import numpy as np

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("absolute", lambda x, _: np.abs(x))
