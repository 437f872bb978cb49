"""Every network kernel gives its naive twin's numbers."""

import naive_elementwise
import naive_network as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import convolution, depthwise, elementwise, pooling, reduced_floats, requantize

WORDS = st.integers(-(2**31), 2**31 - 1)


@settings(deadline=None)
@given(WORDS, st.integers(2**30, 2**31 - 1))
def test_the_doubling_high_multiply_rounds_halves_up(x, multiplier):
    assert int(requantize.high_multiply(x, multiplier)) == naive.high_multiply(x, multiplier)


@settings(deadline=None)
@given(WORDS, st.integers(0, 31))
def test_the_rounding_shift_rounds_halves_away_from_zero(x, exponent):
    assert int(requantize.shift_right_rounding(np.int64(x), np.int64(exponent))) == naive.shift_right_rounding(x, exponent)


def channels(seed: int, count: int, wide: bool = False):
    rng = np.random.default_rng(seed)
    bias = rng.integers(-10_000, 10_000, count)
    multiplier = rng.integers(2**30, 2**31, count)
    shift = rng.integers(-12, 3, count)
    sums = rng.integers(-(2**22), 2**22, (7, count)) * (64 if wide else 1)
    return sums, bias, multiplier, np.maximum(shift, 0), np.maximum(-shift, 0)


@pytest.mark.parametrize("name", ["requantize_double", "requantize_single", "requantize_wide"])
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int32])
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_integer_requantisation_is_the_naive_one(name, kind, seed):
    sums, bias, multiplier, left, right = channels(seed, 5, name == "requantize_wide" and kind is not np.float32)
    fast, slow = np.empty((7, 5), np.int16), np.empty((7, 5), np.int16)
    arguments = (sums.astype(kind), bias, multiplier, left, right, -3, -32768, 32767)
    getattr(requantize, name)(*arguments, fast)
    getattr(naive, name)(*arguments, slow)
    np.testing.assert_array_equal(fast, slow)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_float_requantisation_rounds_halves_to_even(seed):
    sums, bias, *_ = channels(seed, 5)
    scale = np.random.default_rng(seed).choice([0.5, 0.25, 0.001], 5).astype(np.float32)
    fast, slow = np.empty((7, 5), np.int8), np.empty((7, 5), np.int8)
    requantize.requantize_float(sums.astype(np.float32), bias, scale, 4, -128, 127, fast)
    naive.requantize_float(sums, bias, scale, 4, -128, 127, slow)
    np.testing.assert_array_equal(fast, slow)


def test_float_sums_get_their_bias_and_clamp():
    sums, bias = np.float32([[-3, 0.5, 9], [1, 2, 3]]), np.float32([1, 0, -1])
    fast, slow = np.empty_like(sums), np.empty_like(sums)
    for kernel, out in ((requantize.bias_and_clip, fast), (naive.bias_and_clip, slow)):
        kernel(sums, bias, np.float32(0), np.float32(6), out)
    np.testing.assert_array_equal(fast, slow)
    np.testing.assert_array_equal(fast, np.float32([[0, 0.5, 6], [2, 2, 2]]))


GEOMETRY = st.tuples(
    st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2),
    st.integers(1, 2), st.integers(0, 2), st.integers(0, 2), st.integers(0, 10**6),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(GEOMETRY, st.sampled_from([(3, 3, 0), (4, 2, 2)]))
def test_patches_hold_the_pixels_under_the_filter(geometry, group):
    in_h, in_w, filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w, top, left, seed = geometry
    all_channels, some, first = group
    image = np.random.default_rng(seed).integers(-128, 128, (in_h, in_w, all_channels), dtype=np.int8)
    fast, slow = np.empty((6, filter_h, filter_w, some), np.float32), np.empty((6, filter_h, filter_w, some), np.float32)
    for kernel, panel in ((convolution.patches, fast), (naive.patches, slow)):
        kernel(image, np.float32(-5), first, filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w, top, left, 1, 3, panel)
    np.testing.assert_array_equal(fast, slow)


@settings(deadline=None, max_examples=60)
@given(GEOMETRY, st.sampled_from([1, 3]))
def test_depthwise_sums_are_the_naive_ones(geometry, multiplier):
    in_h, in_w, filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w, top, left, seed = geometry
    rng = np.random.default_rng(seed)
    image = rng.integers(-128, 128, (in_h, in_w, 4), dtype=np.int8)
    weights = rng.integers(-127, 128, (filter_h, filter_w, 4 * multiplier)).astype(np.int32)
    fast, slow = np.empty((6, 4 * multiplier), np.int32), np.empty((6, 4 * multiplier), np.int32)
    for kernel, sums in ((depthwise.depthwise_rows, fast), (naive.depthwise_rows, slow)):
        kernel(image, weights, np.int32(7), stride_h, stride_w, dilation_h, dilation_w, top, left, 1, 3, sums)
    np.testing.assert_array_equal(fast, slow)


@pytest.mark.parametrize("name", ["max_pool", "average_integers", "average_floats"])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1)])
def test_pooling_is_the_naive_one(name, padding):
    rng = np.random.default_rng(5)
    floats = name == "average_floats"
    images = rng.normal(size=(2, 6, 7, 3)).astype(np.float32) if floats else rng.integers(-128, 128, (2, 6, 7, 3), dtype=np.int8)
    scratch = () if name == "max_pool" else (np.empty(3, np.float32 if floats else np.int32),)
    low, high = (np.float32(-1), np.float32(1)) if floats else (-100, 90)
    fast, slow = np.empty((2, 3, 3, 3), images.dtype), np.empty((2, 3, 3, 3), images.dtype)
    for room, out in ((pooling, fast), (naive, slow)):
        getattr(room, name)(images, 3, 3, 2, 2, *padding, low, high, *scratch, out)
    np.testing.assert_allclose(fast, slow, rtol=1e-6, atol=1e-6)


def test_sums_that_could_pass_two_to_the_24_are_kept_in_double_precision():
    weights = np.full((1, 1, 1, 600), 127, np.float32)
    assert convolution.exact_type(weights, 128) is np.float32
    assert convolution.exact_type(weights, 255) is np.float64


@pytest.mark.parametrize("depth", [8, 3000])
def test_a_convolution_of_any_depth_sums_exactly(depth):
    rng = np.random.default_rng(1)
    image = rng.integers(-128, 128, (1, 3, 3, depth), dtype=np.int8)
    weights = rng.integers(-127, 128, (4, 2, 2, depth)).astype(np.int64)
    exact = np.array([[np.einsum("hwc,ohwc->o", image[0, y : y + 2, x : x + 2].astype(np.int64) + 128, weights) for x in (0, 1)] for y in (0, 1)])
    kind = convolution.exact_type(weights.astype(np.float32), 255)
    out = np.empty((1, 2, 2, 4), np.int64)

    def finish(sums, target):
        target[:] = sums

    convolution.convolve(image, weights.astype(kind), -128, (1, 1), (1, 1), 0, 0, out, finish, reduced_floats.product("float32"))
    np.testing.assert_array_equal(out[0], exact)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_sums_of_codes_are_the_naive_ones(dtype, sign):
    rng = np.random.default_rng(2)
    info = np.iinfo(dtype)
    a, b = (rng.integers(info.min, info.max, 300, dtype=dtype, endpoint=True) for _ in range(2))
    fast, slow = np.empty(300, dtype), np.empty(300, dtype)
    steps = [np.int64(n) for n in (3, 5, 2**30, 1_234_567_891, 0, 2, sign, 1_500_000_000, 0, 19, 3, info.min + 5, info.max - 5)]
    elementwise.add_codes(a, b, *steps, fast)
    naive_elementwise.add_codes(a, b, *steps, slow)
    np.testing.assert_array_equal(fast, slow)


@pytest.mark.parametrize(("kind", "stuck"), [("float16", 2048), ("bfloat16", 256), ("float32", 3000)])
def test_a_narrow_accumulator_stops_counting_where_one_is_less_than_half_its_last_place(kind, stuck):
    out = np.empty((1, 1), np.float32)
    reduced_floats.product(kind)(np.ones((1, 3000), np.float32), np.ones((3000, 1), np.float32), out)
    assert out.item() == stuck


@settings(deadline=None)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**100), max_value=2.0**100))
def test_rounding_to_bfloat16_is_to_the_nearest_of_its_neighbours(x):
    value = float(np.float32(x))
    result = float(reduced_floats.rounded(np.float32([x]), "bfloat16")[0])
    bits = np.float32([result]).view(np.uint32)
    assert bits[0] & 0xFFFF == 0
    for step in (-0x10000, 0x10000):
        neighbour = float((bits + np.uint32(step % 2**32)).view(np.float32)[0])
        assert not abs(neighbour - value) < abs(result - value)


@pytest.mark.parametrize("multiplier", [1, 2])
def test_depthwise_taps_are_the_direct_sums_when_nothing_is_rounded(multiplier):
    rng = np.random.default_rng(4)
    images = rng.integers(-9, 9, (2, 7, 6, 3)).astype(np.float32)
    weights = rng.integers(-9, 9, (3, 2, 3 * multiplier)).astype(np.float32)
    direct, taps = np.empty((2, 3, 2, 3 * multiplier), np.float32), np.empty((2, 3, 2, 3 * multiplier), np.float32)

    def finish(sums, target):
        target[:] = sums

    depthwise.depthwise_convolve(images, weights, 0, (2, 3), (1, 2), 1, 0, direct, finish)
    reduced_floats.depthwise_taps(images, weights, (2, 3), (1, 2), 1, 0, "float32", taps)
    np.testing.assert_array_equal(direct, taps)
