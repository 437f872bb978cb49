"""Reciprocal square root."""

import numpy as np

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("rsqrt", lambda x, _: 1 / np.sqrt(x))
