"""Sine."""

import numpy as np

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("sin", lambda x, _: np.sin(x))
