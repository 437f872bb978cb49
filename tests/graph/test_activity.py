"""Are zeros, runs of zeros and toggles those that one counts by hand?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from accelsim.base.errors import AccelsimError
from accelsim.graph.activity import Activity, count_toggles, count_zero_blocks
from accelsim.graph.declared_activity import DeclaredActivity
from accelsim.graph.tensor import Quantization, Tensor

MAPS = arrays.arrays(np.int8, st.tuples(st.just(1), st.integers(1, 4), st.integers(1, 4), st.integers(1, 9)), elements=st.sampled_from([0, 0, 0, 1, -3]))


def activity(values: np.ndarray, zero_point: int | None = None) -> Activity:
    q = None if zero_point is None else Quantization(np.ones(1, np.float32), np.array([zero_point]))
    return Activity({"x": Tensor("x", values.shape, str(values.dtype), q)}, {"x": values})


def naive_zero_blocks(values: np.ndarray, block: int) -> int:
    rows = values.reshape(-1, values.shape[-1])
    return sum(not row[c : c + block].any() for row in rows for c in range(0, len(row), block))


@given(MAPS, st.integers(1, 5))
def test_runs_of_zeros_are_those_of_each_pixels_channels(values, block):
    tensor = Tensor("x", values.shape, "int8")
    assert count_zero_blocks(tensor, values, block) == naive_zero_blocks(values, block)


def test_zero_is_the_zero_point():
    assert activity(np.array([[5, 0, 5, 5]], np.int8), 5).zeros("x") == 3


@given(MAPS, st.integers(1, 5))
def test_toggles_are_the_bits_that_differ_from_word_to_word(values, width):
    data = values.tobytes()
    data += b"\0" * (-len(data) % width)
    words = [int.from_bytes(data[i : i + width], "little") for i in range(0, len(data), width)]
    assert count_toggles(values, "memory", width) == sum((a ^ b).bit_count() for a, b in zip(words, words[1:], strict=False))


def test_the_order_in_which_a_tensor_passes_changes_its_toggles():
    values = np.zeros((1, 2, 2, 2), np.int8)
    values[..., 1] = -1  # a channel of ones: every step toggles where channels are fastest, one step where planes are
    counted = activity(values)
    assert (counted.toggles("x", "memory"), counted.toggles("x", "planes")) == (7 * 8, 8)
    assert counted.toggle_rate("x", "memory") == 1.0


def test_an_order_that_does_not_exist_is_named():
    with pytest.raises(AccelsimError, match="one of memory, planes, columns"):
        activity(np.zeros((1, 2), np.int8)).toggles("x", "diagonal")


def test_declared_zeros_are_independent_of_one_another():
    declared = DeclaredActivity({"x": Tensor("x", (1, 10, 10, 16), "int8")}, {"x": 0.5})
    assert declared.density("x") == 0.5 and declared.density("x", 4) == 1 - 0.5**4
    assert declared.zeros("x") == 800


@given(MAPS)
def test_declared_and_real_data_agree_on_what_they_both_know(values):
    real = activity(values)
    declared = DeclaredActivity(real.tensors, {"x": 1 - real.density("x")})
    assert declared.density("x") == pytest.approx(real.density("x"))
