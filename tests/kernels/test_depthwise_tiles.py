"""Depthwise sums in register tiles are those of one tap after the other, to the last bit."""

import naive_depthwise_tiles as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import depthwise_tiles
from accelsim.kernels.depthwise import depthwise_convolve
from accelsim.kernels.requantize import bias_and_clip

LIMITS = st.sampled_from([(-np.inf, np.inf), (0, 6), (-0.5, 0.5)])
EDGE, SMALL = st.integers(1, 9), st.integers(0, 2)


class Case:
    """A seeded depthwise convolution, its geometry drawn."""

    def __init__(self, hw, filter_hw, channels, stride, dilation, pad, limits, seed):
        rng = np.random.default_rng(seed)
        reach = [(f - 1) * d + 1 for f, d in zip(filter_hw, dilation, strict=True)]
        self.out_hw = [max(1, (extent + 2 * p - r) // s + 1) for extent, p, r, s in zip(hw, pad, reach, stride, strict=True)]
        self.images, self.filters, self.bias = (rng.standard_normal(shape, dtype=np.float32) for shape in ((2, *hw, channels), (*filter_hw, channels), channels))
        self.limits, self.place = [np.float32(limit) for limit in limits], (stride, dilation, pad)

    def by(self, kernel):
        (stride, dilation, pad), out = self.place, self.empty()
        panels, steps = depthwise_tiles.tap_panels(self.filters), depthwise_tiles.tap_steps(self.filters, self.images.shape[2], dilation)
        kernel(self.images, panels, steps, self.filters.shape[1], self.bias, *self.limits, *stride, *dilation, *pad, out)
        return out

    def by_rows(self):
        (stride, dilation, pad), out = self.place, self.empty()
        depthwise_convolve(self.images, self.filters, 0, stride, dilation, *pad, out, lambda sums, part: bias_and_clip(sums, self.bias, *self.limits, part))
        return out

    def empty(self):
        return np.full((2, *self.out_hw, self.images.shape[3]), np.nan, np.float32)


CASES = st.builds(
    Case, st.tuples(EDGE, EDGE), st.tuples(st.integers(1, 3), st.integers(1, 4)), st.integers(16, 50), st.tuples(st.integers(1, 2), st.integers(1, 3)),
    st.tuples(st.integers(1, 2), st.integers(1, 2)), st.tuples(SMALL, SMALL), LIMITS, st.integers(0, 99),
)  # fmt: skip


@settings(deadline=None, max_examples=15)
@given(CASES)
def test_depthwise_tiles_give_the_naive_sums(case):
    np.testing.assert_array_equal(case.by(depthwise_tiles.depthwise_floats), case.by(naive.depthwise_floats))


@settings(deadline=None, max_examples=60)
@given(CASES)
def test_depthwise_tiles_round_as_the_kernel_that_adds_line_after_line(case):
    np.testing.assert_array_equal(case.by(depthwise_tiles.depthwise_floats), case.by_rows())


@pytest.mark.parametrize("channels", [16, 17, 32, 33])
def test_the_last_vector_of_channels_ends_with_the_last_channel(channels):
    filters = np.arange(channels, dtype=np.float32).reshape(1, 1, channels)
    assert depthwise_tiles.tap_panels(filters)[-1, 0, -1] == channels - 1
