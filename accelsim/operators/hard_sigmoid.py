"""alpha * x + beta between 0 and 1; a table of 256 entries where quantised to 8 bits."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import by_table, unary


@dataclass(frozen=True, slots=True)
class Parameters:
    """Slope and offset."""

    alpha: float = 0.2
    beta: float = 0.5


def _function(x, a):
    kind = x.dtype.type
    return np.clip(kind(a.alpha) * x + kind(a.beta), kind(0), kind(1))


Attributes, output_shapes, work, evaluate = unary("hard_sigmoid", _function, by_table(_function), Parameters)
