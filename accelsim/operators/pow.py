"""a to the power b, in the type of a."""

import numpy as np

from accelsim.operators._binary import NoAttributes, binary


def _power(a, b):
    if np.issubdtype(a.dtype, np.integer):
        return np.trunc(np.power(a.astype(np.float64), b)) if np.issubdtype(b.dtype, np.floating) or (b < 0).any() else np.power(a, b)
    return np.power(a, b.astype(a.dtype))


Attributes, output_shapes, work, evaluate = binary("pow", _power, attributes=NoAttributes)
