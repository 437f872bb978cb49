"""Logical negation."""

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("logical_not", lambda x, _: ~x)
