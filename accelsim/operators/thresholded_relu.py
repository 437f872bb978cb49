"""x above a threshold, 0 elsewhere; a table of 256 entries where quantised to 8 bits."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import by_table, unary


@dataclass(frozen=True, slots=True)
class Parameters:
    """The threshold."""

    alpha: float = 1.0


def _function(x, a):
    kind = x.dtype.type
    return np.where(x > kind(a.alpha), x, kind(0))


Attributes, output_shapes, work, evaluate = unary("thresholded_relu", _function, by_table(_function), Parameters)
