"""Gaussian error linear unit x * Phi(x); a table of 256 entries where quantised to 8 bits.

Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415, equation 1 and the tanh approximation after it.
"""

import math
from dataclasses import dataclass

import numpy as np

from accelsim.operators._unary import by_table, unary


@dataclass(frozen=True, slots=True)
class GeluAttributes:
    """Whether the normal distribution is approximated through tanh."""

    approximate: bool = False


def _function(x, a):
    from scipy.special import erf

    kind = x.dtype.type
    if a.approximate:
        return kind(0.5) * x * (1 + np.tanh(kind(math.sqrt(2 / math.pi)) * (x + kind(0.044715) * x * x * x)))
    return kind(0.5) * x * (1 + erf(x * kind(math.sqrt(0.5))))


Attributes, output_shapes, work, evaluate = unary("gelu", _function, by_table(_function), GeluAttributes)
