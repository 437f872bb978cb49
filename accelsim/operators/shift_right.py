"""Bits moved to lower places, zeros from above."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("shift_right", np.right_shift, attributes=NoAttributes)
