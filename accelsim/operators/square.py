"""Square."""

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("square", lambda x, _: x * x)
