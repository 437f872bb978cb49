"""Inverse sine; a table of 256 entries where quantised to 8 bits."""

import numpy as np

from accelsim.operators._unary import by_table, unary


def _function(x, _):
    return np.arcsin(x)


Attributes, output_shapes, work, evaluate = unary("asin", _function, by_table(_function))
