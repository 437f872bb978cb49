"""How far a tensor's values spread in a random network, worked out instead of measured.

A recipe's weights are drawn independently of its data, so a sum over many products is close to normal, and the first two
moments of every tensor follow from those of its inputs (He et al., ICCV 2015, section 2.2). The quantisation ranges of the
int8 recipes come from here: no calibration run at load time. The correlation between neighbouring positions is an
assumption, which only pooling uses.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

REACH = 4.5
NEIGHBOUR_CORRELATION = 0.4
FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "hard_swish": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "swish": lambda x: x / (1 + np.exp(-x)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.1 * x),
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
}


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, variance and the range that quantisation covers."""

    mean: float
    variance: float
    low: float
    high: float

    @property
    def square(self) -> float:
        """Mean of the squares."""
        return self.variance + self.mean**2


def normal(mean: float, variance: float) -> Spread:
    """Return the spread of a normal variable, cut at ``REACH`` standard deviations."""
    reach = REACH * math.sqrt(variance)
    return Spread(mean, variance, mean - reach, mean + reach)


def uniform(low: float, high: float) -> Spread:
    """Return the spread of a uniform variable."""
    return Spread((low + high) / 2, (high - low) ** 2 / 12, low, high)


@lru_cache(maxsize=1)
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    points, weights = np.polynomial.hermite_e.hermegauss(48)
    return points, weights / weights.sum()


def through(function: str, spread: Spread) -> Spread:
    """Return the spread behind an activation function of a value that is taken as normal."""
    if function == "none":
        return spread
    apply = FUNCTIONS[function]
    points, weights = _quadrature()
    values = apply(spread.mean + math.sqrt(spread.variance) * points)
    mean = float(weights @ values)
    covered = apply(np.linspace(spread.low, spread.high, 65))
    return Spread(mean, max(float(weights @ values**2) - mean**2, 1e-12), float(covered.min()), float(covered.max()))


def added(a: Spread, b: Spread) -> Spread:
    """Return the spread of a sum of independent values."""
    total = normal(a.mean + b.mean, a.variance + b.variance)
    return Spread(total.mean, total.variance, max(total.low, a.low + b.low), min(total.high, a.high + b.high))


def multiplied(a: Spread, b: Spread) -> Spread:
    """Return the spread of a product of independent values."""
    mean = a.mean * b.mean
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Spread(mean, a.square * b.square - mean**2, min(corners), max(corners))


def mixed(spreads: list[Spread], shares: list[int]) -> Spread:
    """Return the spread of a concatenation, each part with its share of the elements."""
    mean = float(np.average([s.mean for s in spreads], weights=shares))
    square = float(np.average([s.square for s in spreads], weights=shares))
    return Spread(mean, square - mean**2, min(s.low for s in spreads), max(s.high for s in spreads))


def averaged(spread: Spread, count: int) -> Spread:
    """Return the spread of the mean of ``count`` neighbours."""
    share = NEIGHBOUR_CORRELATION + (1 - NEIGHBOUR_CORRELATION) / count
    narrower = normal(spread.mean, spread.variance * share)
    return Spread(narrower.mean, narrower.variance, max(narrower.low, spread.low), min(narrower.high, spread.high))


def largest(spread: Spread, count: int) -> Spread:
    """Return the spread of the maximum of ``count`` neighbours.

    The maximum of independent normals lies close to 2/3 sqrt(2 ln n) deviations above the mean, with a variance close to
    1 / (1 + 0.8 ln n); what neighbours share does not spread. A rectified value is taken as the positive half of a normal
    around zero, whose maximum is rectified afterwards.
    """
    rectified = spread.low >= 0
    mean, variance = (0.0, 2 * spread.square) if rectified else (spread.mean, spread.variance)
    own = variance * (1 - NEIGHBOUR_CORRELATION)
    if count == 1:
        return spread
    rise = 0.66 * math.sqrt(2 * math.log(count) * own)
    top = normal(mean + rise, variance - own + own / (1 + 0.8 * math.log(count)))
    top = through("relu", top) if rectified else top
    return Spread(min(top.mean, spread.high), top.variance, spread.low, spread.high)
