"""Sum of magnitudes over axes."""

import numpy as np

from accelsim.operators._reduce import reduction


def _fold(x, axis, keepdims):
    return np.abs(x).sum(axis=axis, keepdims=keepdims)


Attributes, output_shapes, work, evaluate = reduction("sum_magnitudes", _fold)
