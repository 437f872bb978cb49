"""Packed words give the products of the values that they hold."""

import naive_bit_planes as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import bit_planes

VALUES = {"binary": (-1, 1), "ternary": (-1, 0, 1), "int2": (-2, -1, 0, 1), "uint2": (0, 1, 2, 3)}
# Without the compiler the wrapping multiplication of the population count is reported.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")
DEPTHS = st.integers(1, 150)


def codes(rng, kind, rows, depth):
    return rng.choice(VALUES[kind], (rows, depth)).astype(np.int8)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 3), st.sampled_from([(7, 2**64 - 1), (0, 0), (1, 0)]), st.integers(0, 99))
def test_packing_is_the_naive_one(words, plane, seed):
    values = np.random.default_rng(seed).integers(-128, 128, (3, 64 * words), dtype=np.int8)
    fast, slow = (np.empty((3, words), np.uint64) for _ in range(2))
    bit_planes.pack(values, plane[0], np.uint64(plane[1]), fast)
    naive.pack(values, *plane, slow)
    np.testing.assert_array_equal(fast, slow)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 7), st.integers(1, 19), st.integers(1, 5), st.integers(0, 99))
def test_counts_over_words_are_the_naive_ones(rows, columns, steps, seed):
    rng = np.random.default_rng(seed)
    operands, weights = (rng.integers(0, 2**32, shape, dtype=np.uint32) for shape in (30, (-(-columns // 16), steps, 16)))
    bases, offsets = rng.integers(0, 20, rows), rng.integers(0, 10, steps)
    for name, number in (("differing", steps * 32), ("common", -2)):
        fast, slow = np.ones((rows, columns), np.int32), np.ones((rows, columns), np.int32)
        getattr(bit_planes, name)(operands, bases, offsets, weights, number, fast)
        getattr(naive, name)(operands, bases, offsets, weights, number, slow)
        np.testing.assert_array_equal(fast, slow)


@pytest.mark.parametrize("left", VALUES)
@pytest.mark.parametrize("right", VALUES)
@settings(deadline=None, max_examples=10)
@given(depth=DEPTHS, seed=st.integers(0, 99))
def test_products_on_words_are_products_of_values(left, right, depth, seed):
    rng = np.random.default_rng(seed)
    rows, columns = codes(rng, left, 4, depth), codes(rng, right, 3, depth)
    out = np.empty((4, 3), np.int32)
    filters = bit_planes.side_by_side(bit_planes.planes(columns, right), 3)
    bit_planes.product(bit_planes.planes(rows, left), left, filters, right, depth, out)
    np.testing.assert_array_equal(out, rows.astype(np.int32) @ columns.T.astype(np.int32))


@pytest.mark.parametrize("kind", [np.int8, np.uint8])
def test_thresholds_are_counted_as_the_naive_twin_counts(kind):
    rng = np.random.default_rng(0)
    values, limits = rng.integers(-9, 9, (6, 5)).astype(np.int32), rng.integers(-9, 9, (3, 5)).astype(np.int32)
    fast, slow = np.empty((6, 5), kind), np.empty((6, 5), kind)
    bit_planes.thresholded(values, limits, kind(1), kind(2), fast)
    naive.thresholded(values, limits, 1, 2, slow)
    np.testing.assert_array_equal(fast, slow)
