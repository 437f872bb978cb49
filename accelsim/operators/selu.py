"""Scaled exponential linear unit; a table of 256 entries where quantised to 8 bits."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import by_table, unary


@dataclass(frozen=True, slots=True)
class Parameters:
    """Slope and saturation."""

    alpha: float = 1.6732632423543772
    gamma: float = 1.0507009873554805


def _function(x, a):
    kind = x.dtype.type
    return kind(a.gamma) * np.where(x > 0, x, kind(a.alpha) * np.expm1(np.minimum(x, kind(0))))


Attributes, output_shapes, work, evaluate = unary("selu", _function, by_table(_function), Parameters)
