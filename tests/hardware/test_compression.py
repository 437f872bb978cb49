"""Is a compressed tensor as long as its scheme says, bit by bit?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from accelsim.graph.tensor import Tensor
from accelsim.hardware.compression import Compression, rlc_pairs

FLAGS = arrays.arrays(np.bool_, st.integers(1, 200), elements=st.booleans())


def naive_pairs(zero, longest: int) -> int:
    """Write the pairs one after another as an encoder would."""
    pairs, run = 0, 0
    for is_zero in zero:
        if is_zero and run < longest:
            run += 1
        else:  # a word closes the pair: one that is not zero, or the zero behind the longest run
            pairs, run = pairs + 1, 0
    return pairs + (run > 0)


@given(FLAGS, st.sampled_from([1, 3, 7, 31]))
def test_run_length_pairs_are_those_of_an_encoder(zero, longest):
    assert rlc_pairs(zero, longest) == naive_pairs(zero, longest)


def form(scheme: str, **rest) -> Compression:
    return Compression(scheme=scheme, of="activations", at=("dram",), **rest)


def bits(scheme: str, values, **rest) -> int:
    values = np.array(values)
    return form(scheme, **rest).bits_of(Tensor("x", values.shape, str(values.dtype)), values)


def test_three_pairs_of_five_and_sixteen_bits_fill_a_word_of_64():
    values = np.zeros(64, np.int16)
    values[[10, 30, 60]] = 1
    assert bits("rlc", values) == 128  # three runs and the zeros behind the last
    assert bits("rlc", values[:61]) == 64


def test_a_bitmask_costs_a_bit_an_element_and_the_words_that_are_not_zero():
    assert bits("bitmask", np.array([0, 0, 7, 0, 0, 0, 0, 0], np.int8)) == 8 + 8


def test_codes_of_two_even_values_take_a_bit_each_and_their_table():
    assert bits("entropy", np.tile(np.array([3, 4], np.int8), 500)) == 1000 + 2 * 8


def test_what_would_grow_is_sent_as_it_is():
    assert bits("rlc", np.ones(64, np.int8)) == 64 * 8


@given(arrays.arrays(np.int8, st.integers(2000, 3000), elements=st.sampled_from([0, 0, 0, 5])), st.sampled_from(["rlc", "bitmask"]))
def test_the_expected_size_is_that_of_independent_zeros(values, scheme):
    shuffled = np.random.default_rng(0).permutation(values)
    tensor = Tensor("x", values.shape, "int8")
    density = float(np.count_nonzero(values)) / values.size
    assert form(scheme).expected_bits(tensor, density) == pytest.approx(form(scheme).bits_of(tensor, shuffled), rel=0.08, abs=256)
