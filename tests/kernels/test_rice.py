"""Lengths of Golomb-Rice codes beside the codes themselves."""

import naive_rice as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.kernels import rice

streams = st.lists(st.one_of(st.just(0), st.integers(-255, 255), st.integers(-3, 3)), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None)
@given(streams, st.booleans(), st.sampled_from([4, 16, 256]), st.integers(1, 6), st.sampled_from([2, 31]), st.sampled_from([0, 23]), st.sampled_from([0, 9]))
def test_a_stream_is_as_long_as_its_codes_written_out(stream, without_zeros, slice_length, divisors, longest, header, plain):
    index = np.array([2 * abs(i - 256) + (i < 256) for i in range(512)], np.int64)
    arguments = (np.array(stream, np.int16), index, without_zeros, slice_length, divisors, longest, header, plain)
    assert rice.sliced_bits(*arguments) == naive.sliced_bits(*arguments)
