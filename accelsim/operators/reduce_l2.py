"""Root of the sum of squares over axes."""

import numpy as np

from accelsim.operators._reduce import reduction


def _fold(x, axis, keepdims):
    return np.sqrt(np.square(x).sum(axis=axis, keepdims=keepdims))


Attributes, output_shapes, work, evaluate = reduction("root_sum_squares", _fold)
