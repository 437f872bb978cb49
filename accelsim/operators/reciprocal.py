"""1 / x; a table of 256 entries where quantised to 8 bits."""

from accelsim.operators._unary import by_table, unary


def _function(x, _):
    return 1 / x


Attributes, output_shapes, work, evaluate = unary("reciprocal", _function, by_table(_function))
