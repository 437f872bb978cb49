"""Bytes are multiplied exactly, floats to their last bits, and convolutions read their operands where they lie."""

import naive_walks as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import byte_products, float_products, register_tiles, walks

needs_bytes = pytest.mark.skipif(not register_tiles.has_byte_products(), reason="this processor, or the mode without compiler, multiplies no bytes")
SIZES = st.integers(1, 5)


@needs_bytes
@settings(deadline=None, max_examples=40)
@given(st.integers(1, 20), st.integers(1, 150), st.integers(1, 4), st.integers(0, 99))
def test_sums_of_bytes_are_the_naive_ones(rows, columns, steps, seed):
    rng = np.random.default_rng(seed)
    operands, bases, offsets = rng.integers(0, 256, 60).astype(np.uint8), rng.integers(0, 30, rows), rng.integers(0, 26, steps)
    weights = rng.integers(-128, 128, (-(-columns // 16), steps, 64), dtype=np.int8)
    start = rng.integers(-(2**20), 2**20, (1, columns)).astype(np.int32)
    fast, slow = (np.empty((rows, columns), np.int32) for _ in range(2))
    byte_products.byte_sums(operands, bases, offsets, weights, start, fast)
    naive.byte_sums(operands, bases, offsets, weights, start, slow)
    np.testing.assert_array_equal(fast, slow)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 20), st.integers(1, 70), st.integers(1, 9), st.sampled_from([(-np.inf, np.inf), (0, np.inf), (-1, 1)]), st.integers(0, 99))
def test_sums_of_floats_are_the_naive_ones(rows, columns, steps, limits, seed):
    rng = np.random.default_rng(seed)
    operands, bases, offsets = rng.standard_normal(60).astype(np.float32), rng.integers(0, 30, rows), rng.integers(0, 26, steps)
    weights = rng.standard_normal((-(-columns // 16), steps, 16)).astype(np.float32)
    start = rng.standard_normal((1, columns)).astype(np.float32)
    fast, slow = (np.empty((rows, columns), np.float32) for _ in range(2))
    limits = [np.float32(limit) for limit in limits]
    float_products.float_sums(operands, bases, offsets, weights, start, *limits, fast)
    naive.float_sums(operands, bases, offsets, weights, start, *limits, slow)
    np.testing.assert_allclose(fast, slow, rtol=1e-5, atol=1e-5)


@needs_bytes
def test_the_largest_bytes_do_not_saturate():
    depth = 4096
    operands, filters = np.full(depth, 255, np.uint8), np.full((1, 1, depth), -128, np.int8)
    out = np.empty((1, 1), np.int32)
    byte_products.byte_sums(operands, *walks.rows_walk(1, depth, 4), byte_products.packed(filters), np.zeros((1, 1), np.int32), out)
    assert out.item() == -128 * 255 * depth


@settings(deadline=None, max_examples=40)
@given(SIZES, SIZES, SIZES, SIZES, st.integers(0, 2), st.integers(0, 2), st.integers(0, 3), st.integers(0, 3), st.sampled_from([0, 128]))
def test_a_border_is_put_around_images_and_overhang_cut_off(images, in_h, in_w, depth, top, left, bottom, right, flip):
    source = np.random.default_rng(in_h).integers(0, 256, (images, in_h, in_w, depth)).astype(np.uint8)
    height, width = max(1, top + in_h + bottom - 2), max(left + 1, left + in_w + right - 2)
    fast, slow = (np.empty(images * height * width * depth + 3, np.uint8) for _ in range(2))
    for function, whole in ((walks.put_inside, fast), (naive.put_inside, slow)):
        function(source, np.uint8(7), np.uint8(flip), top, left, height, width, whole)
    np.testing.assert_array_equal(fast, slow)


GEOMETRY = st.tuples(SIZES, SIZES, st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.integers(0, 2), st.integers(0, 2))


@settings(deadline=None, max_examples=80)
@given(GEOMETRY, st.sampled_from([(3, 3), (4, 4), (4, 2), (1, 1)]), st.sampled_from([1, 4]), st.booleans())
def test_a_walk_meets_the_pixels_under_the_filter(geometry, channels, unit, copied):
    height, width, filter_h, filter_w, stride, dilation, top, left = geometry
    depth, taken = channels
    reach_h, reach_w = (filter_h - 1) * dilation + 1, (filter_w - 1) * dilation + 1
    in_h, in_w = height + reach_h, width + reach_w
    out_hw = (in_h + top - reach_h) // stride + 1, (in_w + left - reach_w) // stride + 1
    window = walks.Window((in_h, in_w), out_hw, (filter_h, filter_w), (stride, stride), (dilation, dilation), (top, left))
    images = np.random.default_rng(height).integers(1, 256, (2, in_h, in_w, depth)).astype(np.uint8)
    framed = walks.frame(window, 2, depth, taken, unit, copied)
    operands = framed.operands(images, 0, 0)
    padded = np.pad(images, ((0, 0), (top, 0), (left, 0), (0, 0)))
    run = len(framed.walk.steps) // framed.runs
    for index, base in enumerate(framed.walk.bases):
        n, (y, x) = index // (out_hw[0] * out_hw[1]), divmod(index % (out_hw[0] * out_hw[1]), out_hw[1])
        y, x = y * stride, x * stride
        under = padded[n, y : y + reach_h : dilation, x : x + reach_w : dilation, :taken].reshape(framed.runs, -1)
        walked = np.stack([operands[base + s : base + s + unit] for s in framed.walk.steps]).reshape(framed.runs, run * unit)
        np.testing.assert_array_equal(walked[:, : under.shape[1]], under)


def test_an_image_without_border_is_read_where_it_lies():
    images = np.arange(2 * 4 * 5 * 4, dtype=np.uint8).reshape(2, 4, 5, 4)
    window = walks.Window((4, 5), (2, 3), (3, 3), (1, 1), (1, 1), (0, 0))
    assert np.shares_memory(walks.frame(window, 2, 4, 4, 4, copied=False).operands(images, 0, 0), images)
    assert not np.shares_memory(walks.frame(window, 2, 4, 4, 4, copied=True).operands(images, 0, 128), images)
