"""Cosine."""

import numpy as np

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("cos", lambda x, _: np.cos(x))
