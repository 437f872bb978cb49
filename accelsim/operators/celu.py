"""Continuously differentiable exponential linear unit; a table of 256 entries where quantised to 8 bits."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import by_table, unary


@dataclass(frozen=True, slots=True)
class Parameters:
    """Saturation."""

    alpha: float = 1.0


def _function(x, a):
    kind = x.dtype.type
    return np.maximum(x, kind(0)) + np.minimum(kind(a.alpha) * np.expm1(x / kind(a.alpha)), kind(0))


Attributes, output_shapes, work, evaluate = unary("celu", _function, by_table(_function), Parameters)
