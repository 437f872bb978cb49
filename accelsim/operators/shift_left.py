"""Bits moved to higher places, zeros from below."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("shift_left", np.left_shift, attributes=NoAttributes)
