"""The largest whole number not above."""

import numpy as np

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("floor", lambda x, _: np.floor(x))
