"""Every bit inverted."""

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("bitwise_not", lambda x, _: ~x)
