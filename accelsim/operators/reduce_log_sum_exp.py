"""Logarithm of the sum of exponentials over axes, shifted by the maximum so that nothing overflows."""

import numpy as np

from accelsim.operators._reduce import reduction


def _fold(x, axis, keepdims):
    if x.size == 0:
        return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))
    largest = x.max(axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, x.dtype.type(0))
    result = np.log(np.exp(x - shift).sum(axis=axis, keepdims=True)) + shift
    return result if keepdims else result.squeeze(axis=axis)


Attributes, output_shapes, work, evaluate = reduction("log_sum_exp", _fold)
