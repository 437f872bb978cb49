"""Negation."""

from accelsim.operators._unary import unary

Attributes, output_shapes, work, evaluate = unary("neg", lambda x, _: -x)
