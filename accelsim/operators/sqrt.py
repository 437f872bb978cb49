"""Square root."""

import numpy as np

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("sqrt", lambda x, _: np.sqrt(x))
