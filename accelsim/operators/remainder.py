"""Remainder with the sign of the divisor."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("remainder", np.mod, attributes=NoAttributes)
