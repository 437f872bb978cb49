"""Truth where a float is infinite."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import unary


@dataclass(frozen=True, slots=True)
class Parameters:
    """Which infinities count."""

    positive: bool = True
    negative: bool = True


def _function(x, a):
    return (np.isposinf(x) & a.positive) | (np.isneginf(x) & a.negative)


Attributes, output_shapes, work, evaluate = unary("is_inf", _function, attributes=Parameters)
