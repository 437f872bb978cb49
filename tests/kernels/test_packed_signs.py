"""Signs stay packed from layer to layer, and are those of the sums."""

import naive_packed_signs as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import bit_planes, packed_signs, register_tiles

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")
SIZES = st.integers(1, 5)


def agree(name, *arguments, shape):
    fast, slow = (np.full(shape, 77, np.uint64) for _ in range(2))
    getattr(packed_signs, name)(*arguments, fast)
    getattr(naive, name)(*arguments, slow)
    np.testing.assert_array_equal(fast, slow)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 9), st.integers(1, 150), SIZES, st.integers(0, 99))
def test_signs_of_words_are_the_naive_ones(rows, columns, steps, seed):
    rng = np.random.default_rng(seed)
    operands, weights = (rng.integers(0, 2**32, shape, dtype=np.uint32) for shape in (30, (-(-columns // 16), steps, 16)))
    bases, offsets = rng.integers(0, 20, rows), rng.integers(0, 10, steps)
    least = packed_signs.limits_of(rng.integers(10 * steps, 22 * steps, columns))
    agree("signs_of_words", operands, bases, offsets, weights, least, shape=(rows, -(-columns // 64)))


@pytest.mark.skipif(not register_tiles.has_byte_products(), reason="this processor, or the mode without compiler, multiplies no bytes")
@settings(deadline=None, max_examples=20)
@given(st.integers(1, 9), st.integers(1, 150), SIZES, st.integers(0, 99))
def test_signs_of_bytes_are_the_naive_ones(rows, columns, steps, seed):
    rng = np.random.default_rng(seed)
    operands, bases, offsets = rng.integers(0, 256, 60).astype(np.uint8), rng.integers(0, 30, rows), rng.integers(0, 26, steps)
    weights = rng.integers(-128, 128, (-(-columns // 16), steps, 64), dtype=np.int8)
    least = packed_signs.limits_of(rng.integers(-(2**14), 2**14, columns))
    agree("signs_of_bytes", operands, bases, offsets, weights, least, shape=(rows, -(-columns // 64)))


@settings(deadline=None, max_examples=30)
@given(SIZES, SIZES, st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.integers(0, 1), st.integers(1, 2), st.integers(0, 99))
def test_pooled_bits_are_the_naive_ones(height, width, filter_h, filter_w, stride, pad, words, seed):
    images = np.random.default_rng(seed).integers(0, 2**64, (2, height, width, words), dtype=np.uint64)
    images &= images << np.uint64(seed % 64)  # some bits set in no pixel
    out_hw = tuple(max(1, (extent + pad - taken) // stride + 1) for extent, taken in ((height, filter_h), (width, filter_w)))
    agree("any_set", images, filter_h, filter_w, stride, stride, pad, pad, shape=(2, *out_hw, words))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 150), st.integers(0, 99))
def test_packed_signs_come_back_as_the_codes_that_they_were(channels, seed):
    codes = np.random.default_rng(seed).choice(np.int8([-1, 1]), (3, channels))
    words = bit_planes.planes(codes, "binary")[0].view(np.uint64)
    np.testing.assert_array_equal(packed_signs.unpacked(words, channels), codes)


def test_the_largest_of_signs_is_any_of_their_bits():
    codes = np.int8([[[[-1], [1]], [[-1], [-1]]]])
    words = bit_planes.planes(codes.reshape(4, 1), "binary")[0].view(np.uint64).reshape(1, 2, 2, 1)
    out = np.empty((1, 2, 1, 1), np.uint64)
    packed_signs.any_set(words, 1, 2, 1, 1, 0, 0, out)
    assert packed_signs.unpacked(out, 1).ravel().tolist() == [1, -1]


def test_columns_that_do_not_exist_are_never_set():
    assert (packed_signs.limits_of(np.array([-(2**40), 2**40]))[2:] == packed_signs.BEYOND).all()
