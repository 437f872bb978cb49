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


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_the_population_count_is_the_number_of_ones(word):
    assert int(bit_planes.population(np.uint64(word))) == naive.population(word)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 3), st.sampled_from([(7, 1), (0, 0), (1, 0)]), st.integers(0, 99))
def test_packing_is_the_naive_one(words, plane, seed):
    octets = np.random.default_rng(seed).integers(0, 2**64, (3, 8 * words), dtype=np.uint64)
    fast, slow = (np.empty((3, words), np.uint64) for _ in range(2))
    bit_planes.pack(octets, *(np.uint64(x) for x in plane), fast)
    naive.pack(octets, *plane, slow)
    np.testing.assert_array_equal(fast, slow)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 7), st.integers(0, 99))
def test_counts_over_words_are_the_naive_ones(words, seed):
    rng = np.random.default_rng(seed)
    rows, columns = (rng.integers(0, 2**64, shape, dtype=np.uint64) for shape in ((3, words), (words, 5)))
    counts = np.empty(5, np.uint64)
    for name, number in (("differing", words * 64), ("common", -2)):
        fast, slow = np.ones((3, 5), np.int32), np.ones((3, 5), np.int32)
        getattr(bit_planes, name)(rows, columns, np.int32(number), counts, fast)
        getattr(naive, name)(rows, columns, number, counts, slow)
        np.testing.assert_array_equal(fast, slow)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.integers(0, 2), st.integers(0, 99))
def test_gathered_words_are_the_naive_ones(filter_w, stride, dilation, pad, seed):
    image = np.random.default_rng(seed).integers(0, 2**64, (6, 7, 2), dtype=np.uint64)
    out_h, out_w = (6 + 2 * pad - dilation - 1) // stride + 1, (7 + 2 * pad - (filter_w - 1) * dilation - 1) // stride + 1
    fast, slow = (np.empty((out_h * out_w, 2 * filter_w * 2), np.uint64) for _ in range(2))
    for function, rows in ((bit_planes.gather_words, fast), (naive.gather_words, slow)):
        function(image, 2, filter_w, stride, stride, dilation, dilation, pad, pad, out_w, rows)
    np.testing.assert_array_equal(fast, slow)


@pytest.mark.parametrize("left", VALUES)
@pytest.mark.parametrize("right", VALUES)
@settings(deadline=None, max_examples=10)
@given(depth=DEPTHS, seed=st.integers(0, 99))
def test_products_on_words_are_products_of_values(left, right, depth, seed):
    rng = np.random.default_rng(seed)
    rows, columns = codes(rng, left, 4, depth), codes(rng, right, 3, depth)
    out = np.empty((4, 3), np.int32)
    filters = bit_planes.transposed(bit_planes.planes(columns, right), 3)
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
