"""x * logistic(alpha * x); a table of 256 entries where quantised to 8 bits."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import by_table, unary


@dataclass(frozen=True, slots=True)
class Parameters:
    """Factor inside the logistic function."""

    alpha: float = 1.0


def _function(x, a):
    kind = x.dtype.type
    return x / (1 + np.exp(-kind(a.alpha) * x))


Attributes, output_shapes, work, evaluate = unary("swish", _function, by_table(_function), Parameters)
