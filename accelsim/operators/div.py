"""Quotient of two tensors."""

import numpy as np

from accelsim.operators._binary import binary


def _divide(a, b):
    return a / b if np.issubdtype(a.dtype, np.floating) else np.trunc(a / b)


Attributes, output_shapes, work, evaluate = binary("div", _divide)
