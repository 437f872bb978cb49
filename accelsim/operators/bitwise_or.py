"""Or of two integers, bit by bit."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("bitwise_or", np.bitwise_or, attributes=NoAttributes)
