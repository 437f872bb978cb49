"""Logarithm of the sum over axes."""

import numpy as np

from accelsim.operators._reduce import reduction


def _fold(x, axis, keepdims):
    return np.log(x.sum(axis=axis, keepdims=keepdims))


Attributes, output_shapes, work, evaluate = reduction("log_sum", _fold)
