"""Exponential linear unit; a table of 256 entries where quantised to 8 bits."""

from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import by_table, unary


@dataclass(frozen=True, slots=True)
class EluAttributes:
    """The value that it saturates to is -alpha."""

    alpha: float = 1.0


def _function(x, a):
    return np.where(x < 0, x.dtype.type(a.alpha) * np.expm1(np.minimum(x, x.dtype.type(0))), x)


Attributes, output_shapes, work, evaluate = unary("elu", _function, by_table(_function), EluAttributes)
