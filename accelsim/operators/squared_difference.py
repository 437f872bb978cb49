"""Square of the difference of two tensors."""

from accelsim.operators._binary import NoAttributes, binary

Attributes, output_shapes, work, evaluate = binary("squared_difference", lambda a, b: (a - b) * (a - b), attributes=NoAttributes)
