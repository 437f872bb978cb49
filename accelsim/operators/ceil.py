"""The smallest whole number not below."""

import numpy as np

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("ceil", lambda x, _: np.ceil(x))
