"""Ethos-U beside the vendor's own compiler: cycles operator by operator, totals, and the size of encoded weights."""

import os

import pytest
from vela_runs import FOLDER, MODELS, every_pair, median_of

pytestmark = [
    pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"), reason="the search of blocks takes minutes where kernels are not compiled"),
    pytest.mark.skipif(not (FOLDER.is_dir() and MODELS.is_dir()), reason="Vela's estimates and the models are not beside the repository"),
]


@pytest.fixture(scope="module")
def u55():
    return every_pair("u55")


@pytest.fixture(scope="module")
def u65():
    return every_pair("u65")


def test_the_median_operator_takes_the_array_as_long_as_vela_says_within_a_hundredth(u55, u65):
    assert median_of(error for pair in u55 for error in pair.operators) < 0.01
    assert median_of(error for pair in u65 for error in pair.operators) < 0.01


def test_the_median_total_with_velas_encoded_bytes_is_within_a_fortieth(u55):
    assert median_of(pair.total for pair in u55) < 1 / 40


def test_no_total_is_further_off_than_a_ninth(u55):
    assert max(abs(pair.total) for pair in u55) < 1 / 9


def test_beside_dram_the_median_total_is_within_a_twentieth_and_none_is_further_off_than_a_fifth(u65):
    assert median_of(pair.total for pair in u65) < 0.05
    assert max(abs(pair.total) for pair in u65) < 0.20


def test_encoded_weights_are_as_long_as_velas_within_a_hundredth_and_no_network_is_off_by_a_thirtieth(u55, u65):
    for pairs in (u55, u65):
        assert median_of(pair.weights for pair in pairs) < 0.01
        assert max(abs(pair.weights) for pair in pairs) < 1 / 30
