"""Comparisons: truth values of two tensors; quantised operands are compared as real numbers."""

from collections.abc import Callable

import numpy as np

from accelsim.operators._binary import NoAttributes, binary
from accelsim.operators._quantized import quantize_multiplier, scale_of, zero_of
from accelsim.operators._rounding import multiply_double


def comparison(operation: str, function: Callable[[np.ndarray, np.ndarray], np.ndarray]):
    """Return the operator that compares two tensors.

    Source of the integer rule: TensorFlow Lite ``reference_ops::ComparisonWithScaling`` (8 bits of headroom).
    """

    def codes(call, a, b):
        scaled = []
        for tensor, values in zip(call.inputs, (a, b), strict=True):
            scaled.append(multiply_double((values - zero_of(tensor)) << 8, *quantize_multiplier(float(scale_of(tensor)))))
        return function(*scaled)

    return binary(operation, function, codes, NoAttributes, to_bool=True)
