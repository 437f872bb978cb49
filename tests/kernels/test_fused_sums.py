"""Fused quantised sums round once per step, in exact arithmetic."""

from fractions import Fraction

import numpy as np
import pytest

from accelsim.kernels.fused_sums import add_fused


def nearest_single(exact: Fraction) -> np.float32:
    """Return the float32 nearest to an exact number, halves to even."""
    guess = np.float32(float(exact))
    around = [np.nextafter(guess, np.float32(-np.inf)), guess, np.nextafter(guess, np.float32(np.inf))]
    return min(around, key=lambda x: (abs(Fraction(float(x)) - exact), int(x.view(np.uint32)) & 1))


def naive_add_fused(a, b, ratio_a, ratio_b, offset, low, high, out):
    for i in range(a.size):
        inner = nearest_single(Fraction(int(b[i])) * Fraction(ratio_b) + Fraction(offset))
        total = nearest_single(Fraction(int(a[i])) * Fraction(ratio_a) + Fraction(float(inner)))
        out[i] = min(max(round(Fraction(float(total))), int(low)), int(high))


@pytest.mark.parametrize("kind", [np.int8, np.uint8])
@pytest.mark.parametrize("seed", range(6))
def test_the_fast_sum_is_the_exact_one(kind, seed):
    rng, info = np.random.default_rng(seed), np.iinfo(kind)
    a, b = (rng.integers(info.min, info.max + 1, 400).astype(kind) for _ in range(2))
    numbers = rng.integers(1, 99, 3) / 64 if seed % 2 else rng.random(3)
    numbers = [float(np.float32(x)) for x in numbers]
    fast, slow = np.empty(400, kind), np.empty(400, kind)
    add_fused(a, b, *(np.float64(x) for x in (*numbers, info.min, info.max)), fast)
    naive_add_fused(a, b, *numbers, info.min, info.max, slow)
    np.testing.assert_array_equal(fast, slow)
