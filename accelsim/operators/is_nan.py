"""Truth where a float is not a number."""

import numpy as np

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("is_nan", lambda x, _: np.isnan(x))
