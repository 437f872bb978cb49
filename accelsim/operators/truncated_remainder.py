"""Remainder with the sign of the dividend."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("truncated_remainder", np.fmod, attributes=NoAttributes)
