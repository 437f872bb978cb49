"""The code of weights, in figures of the head, and the lengths of its codes beside the codes themselves."""

import naive_rice as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.hardware.rice_code import RiceCode, sliced_bits

streams = st.lists(st.one_of(st.just(0), st.integers(-255, 255), st.integers(-3, 3)), min_size=1, max_size=60)
BARE = RiceCode(slice_header=0, palette_header=0, end=0, align=1)


def test_two_values_equally_often_take_a_bit_each_and_two_entries():
    assert BARE.bytes_of(np.array([1, -1] * 400, np.int16)) == 100 + 1  # entries of two bits (2 and 3) each, in whole bytes


def test_a_stream_ends_at_whole_boundaries_and_has_its_headers():
    assert RiceCode(slice_header=23, palette_header=13, end=15, align=16).bytes_of(np.array([1, -1] * 8, np.int16)) == 16
    assert RiceCode(align=16).bytes_of(np.array([1, -1] * 64, np.int16)) == 32


def test_many_zeros_side_by_side_take_an_eighth_of_a_bit_each():
    stream = np.zeros(8000, np.int16)
    stream[0] = 5
    assert 8000 / 8 / 8 <= BARE.bytes_of(stream) < 8000 / 8 / 8 + 8


def test_a_parameter_for_every_slice_is_shorter_than_one_for_all():
    small, large = np.tile([1, -1, 2, -2], 512).astype(np.int16), np.tile(np.arange(-120, 120, dtype=np.int16), 8)
    both = np.concatenate([small, large])
    assert BARE.bytes_of(both) < RiceCode(**(BARE.model_dump() | {"slice_length": both.size})).bytes_of(both)


def test_only_zeros_take_next_to_nothing():
    assert BARE.bytes_of(np.zeros(512, np.int16)) < 16


def test_a_run_of_zeros_is_told_by_a_quotient_and_a_rest():
    # Seven runs of ten and none at the end: quotient 1 and rest 2 of 8 take 2 + 3 bits, an end without zeros 1 + 3; seven fives take a bit each; two entries of four bits.
    stream = np.tile(np.array([0] * 10 + [5], np.int16), 7)
    assert BARE.bytes_of(stream) == -(-(7 * 5 + 4 + 7 + 2 * 4) // 8)



@settings(max_examples=200, deadline=None)
@given(streams, st.booleans(), st.sampled_from([4, 16, 256]), st.integers(1, 6), st.sampled_from([2, 31]), st.sampled_from([0, 23]), st.sampled_from([0, 9]))
def test_a_stream_is_as_long_as_its_codes_written_out(stream, without_zeros, slice_length, divisors, longest, header, plain):
    index = np.array([2 * abs(i - 256) + (i < 256) for i in range(512)], np.int64)
    arguments = (np.array(stream, np.int16), index, without_zeros, slice_length, divisors, longest, header, plain)
    assert sliced_bits(*arguments) == naive.sliced_bits(*arguments)
