"""x moved towards 0 outside a dead zone, 0 inside; a table of 256 entries where quantised to 8 bits."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import by_table, unary


@dataclass(frozen=True, slots=True)
class Parameters:
    """Half width of the dead zone, and the step towards 0."""

    zone: float = 0.5
    bias: float = 0.0


def _function(x, a):
    kind = x.dtype.type
    return np.where(x < -kind(a.zone), x + kind(a.bias), np.where(x > kind(a.zone), x - kind(a.bias), kind(0)))


Attributes, output_shapes, work, evaluate = unary("shrink", _function, by_table(_function), Parameters)
