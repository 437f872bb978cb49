"""Are weights of zero left out as far as a unit can find them, and no further?"""

import numpy as np
import pytest

from accelsim.graph.tensor import Tensor
from accelsim.hardware.compression import Compression
from accelsim.hardware.sparsity import SparseWeights, fits, indexed_bits

TWO_OF_FOUR = {"scheme": "n_of_m", "n": 2, "m": 4}


def _weights(rows, dtype="int8") -> Tensor:
    values = np.array(rows, np.int8)
    return Tensor("weights", values.shape, dtype, None, values)


def test_half_of_the_products_remain_of_weights_that_keep_two_of_four():
    weights = _weights([[1, 0, 0, 2, 0, 0, 3, 0], [0, 0, 0, 0, 5, 6, 0, 0]])
    assert SparseWeights(**TWO_OF_FOUR).shares(weights) == (0.5, 0.5)
    assert SparseWeights(**TWO_OF_FOUR, most=1.6).shares(weights) == (0.5, 1 / 1.6)


def test_one_weight_too_many_makes_a_tensor_dense():
    assert SparseWeights(**TWO_OF_FOUR).shares(_weights([[1, 0, 0, 2, 0, 7, 3, 8]])) == (1.0, 1.0)


def test_a_type_that_the_unit_does_not_know_sparse_runs_dense():
    sparse = SparseWeights(**TWO_OF_FOUR, types=("float16",))
    assert sparse.shares(_weights([[1, 0, 0, 2]])) == (1.0, 1.0)


def test_filters_side_by_side_wait_for_the_one_with_most_weights():
    weights = _weights([[1, 0, 0, 0], [1, 1, 1, 0]])
    assert SparseWeights(scheme="unstructured").shares(weights) == (0.5, 0.5)
    assert SparseWeights(scheme="unstructured", lanes=2).shares(weights) == (0.5, 0.75)
    assert SparseWeights(scheme="unstructured", most=1.25).shares(weights) == (0.5, 0.8)


@pytest.mark.parametrize("wrong", [{"scheme": "n_of_m", "n": 2}, {"scheme": "n_of_m", "n": 4, "m": 4}, {"scheme": "unstructured", "n": 2, "m": 4}])
def test_a_rule_without_its_figures_is_refused(wrong):
    with pytest.raises(ValueError, match="states n and m"):
        SparseWeights(**wrong)


def test_two_words_of_four_take_their_bits_and_two_bits_of_place_each():
    form = Compression(**TWO_OF_FOUR, of="constants", at=("dram",))
    sparse, dense = _weights([[1, 0, 0, 2, 0, 0, 3, 0]]), _weights([[1, 2, 3, 2, 0, 0, 3, 0]])
    assert form.bits_of(sparse, sparse.values) == indexed_bits(8, 2, 4, 8) == 40
    assert form.bits_of(dense, dense.values) == 64


def test_channels_that_do_not_fill_their_last_group_run_dense():
    assert fits(np.array([[True, False, False, True]]), 2, 4)
    assert not fits(np.array([[True, False, False, True, False]]), 2, 4)
