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
@given(DEPTHS, st.sampled_from([-1, 0, 1]), st.integers(0, 99))
def test_packing_is_the_naive_one(depth, shift, seed):
    values = np.random.default_rng(seed).integers(-2, 2, (3, depth)).astype(np.int8)
    fast, slow = (np.empty((3, -(-depth // 64)), np.uint64) for _ in range(2))
    bit_planes.pack(values, shift, fast)
    naive.pack(values, shift, slow)
    np.testing.assert_array_equal(fast, slow)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 4), st.integers(0, 99))
def test_counts_over_words_are_the_naive_ones(words, seed):
    rng = np.random.default_rng(seed)
    rows, columns = (rng.integers(0, 2**64, (n, words), dtype=np.uint64) for n in (3, 5))
    for name, number in (("differing", words * 64), ("common", -2)):
        fast, slow = np.ones((3, 5), np.int32), np.ones((3, 5), np.int32)
        getattr(bit_planes, name)(rows, columns, np.int32(number), fast)
        getattr(naive, name)(rows, columns, number, slow)
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
    bit_planes.product(bit_planes.planes(rows, left), left, bit_planes.planes(columns, right), right, depth, out)
    np.testing.assert_array_equal(out, rows.astype(np.int32) @ columns.T.astype(np.int32))
