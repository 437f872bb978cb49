"""The logistic function and tanh in 16-bit fixed point, as tables of all 65536 inputs.

Source: gemmlowp ``fixedpoint/fixedpoint.h``: exp on (-1/4, 0] by a Taylor series around -1/8, a barrel shifter of
constants exp(-2**k), and three Newton-Raphson steps for 1 / (1 + x). Used by TensorFlow Lite's integer LSTM and
its int16 activations.
"""

from functools import lru_cache

import numpy as np

from accelsim.operators._rounding import shift_right_rounding

LOW, HIGH = -(1 << 15), (1 << 15) - 1
# exp(-2**k) for k = -2 ... 4 with 31 fractional bits.
EXP_OF_MINUS_POWERS = ((-2, 1672461947), (-1, 1302514674), (0, 790015084), (1, 290630308), (2, 39332535), (3, 720401), (4, 242))


def _constant(raw32: int) -> int:
    return int(shift_right_rounding(np.int64(raw32), 16))


def _times(a: np.ndarray, b: np.ndarray | int) -> np.ndarray:
    """Return the doubling high product with 15 fractional bits."""
    return np.minimum((np.asarray(a, np.int64) * b + (1 << 14)) >> 15, HIGH)


def _up(x: np.ndarray, exponent: int) -> np.ndarray:
    """Return x * 2**exponent, saturated."""
    return np.clip(np.asarray(x, np.int64) << exponent, LOW, HIGH)


def _exp_near_zero(a: np.ndarray) -> np.ndarray:
    """Return exp(a) for a in [-1/4, 0), no integer bits."""
    constant = _constant(1895147668)
    x = a + (1 << 12)
    x2 = _times(x, x)
    x3, x4 = _times(x2, x), _times(x2, x2)
    tail = shift_right_rounding(_times(shift_right_rounding(x4, 2) + x3, _constant(715827883)) + x2, 1)
    return np.clip(constant + _times(x + tail, constant), LOW, HIGH)


def exp_on_negative(a: np.ndarray, integer_bits: int) -> np.ndarray:
    """Return exp(a) for a <= 0 with ``integer_bits``; the result has none."""
    fraction = 15 - integer_bits
    quarter = 1 << (fraction - 2)
    modulo = (a & (quarter - 1)) - quarter
    result = _exp_near_zero(_up(modulo, integer_bits))
    remainder = modulo - a
    for exponent, multiplier in EXP_OF_MINUS_POWERS:
        if integer_bits > exponent:
            result = np.where(remainder & (1 << (fraction + exponent)), _times(result, _constant(multiplier)), result)
    return np.where(a == 0, HIGH, result)


def _reciprocal(a: np.ndarray) -> np.ndarray:
    """Return 2 / (1 + a) for a in [0, 1], two integer bits."""
    total = a + HIGH
    half_denominator = np.where(total >= 0, (total + 1) >> 1, -((1 - total) >> 1))
    x = _constant(1515870810) + _times(half_denominator, _constant(-1010580540))
    for _ in range(3):
        rest = (1 << 13) - _times(half_denominator, x)
        x = x + _up(_times(x, rest), 2)
    return x


def _every() -> np.ndarray:
    """Return all 16-bit values in the order of their unsigned codes."""
    return np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int64)


@lru_cache(maxsize=None)
def logistic_table(integer_bits: int = 3) -> np.ndarray:
    """Return logistic(x) with 15 fractional bits for every int16 x, indexed by its unsigned code."""
    x = _every()
    positive = _up(_reciprocal(exp_on_negative(-np.abs(x), integer_bits)), 1)
    return np.select([x == 0, x > 0], [1 << 14, positive], HIGH - positive).astype(np.int16)


@lru_cache(maxsize=None)
def tanh_table(integer_bits: int = 3) -> np.ndarray:
    """Return tanh(x) with 15 fractional bits for every int16 x, indexed by its unsigned code."""
    x = _every()
    positive = _up(_reciprocal(exp_on_negative(-np.abs(x), integer_bits + 1)) - (1 << 13), 2)
    return np.select([x == 0, x > 0], [0, positive], -positive).astype(np.int16)
