"""Exclusive or of two tensors of truth values."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("logical_xor", np.logical_xor, attributes=NoAttributes, to_bool=True)
