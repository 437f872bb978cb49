"""And of two tensors of truth values."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("logical_and", np.logical_and, attributes=NoAttributes, to_bool=True)
