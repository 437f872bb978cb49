"""Operators of transformers, recurrent networks and resampling, with numbers that can be checked in the head."""

import numpy as np
import pytest
from one_node import run, work

from accelsim.base.errors import AccelsimError
from accelsim.graph.numerics import Numerics


def floats(*rows):
    return np.array(rows, np.float32)


def test_batched_products_pair_their_leading_axes():
    a, b = np.arange(12, dtype=np.float32).reshape(2, 2, 3), np.ones((2, 3, 1), np.float32)
    assert run("batch_matmul", a, b).ravel().tolist() == [3, 12, 21, 30]
    assert run("batch_matmul", a, a, transpose_b=True).shape == (2, 2, 2)


def test_a_right_operand_shared_by_heads_is_counted_once_per_use():
    (product,) = work("batch_matmul", np.zeros((1, 2, 4, 5, 8), np.float32), np.zeros((1, 2, 1, 8, 6), np.float32))
    assert (product.group, product.batch, product.macs) == (2, 4, 2 * 4 * 5 * 8 * 6) and not product.weight_is_constant


def test_operands_that_do_not_fit_are_named():
    with pytest.raises(AccelsimError, match="inner extents 3 and 4"):
        run("batch_matmul", np.zeros((2, 3), np.float32), np.zeros((4, 2), np.float32))


def test_products_of_activations_keep_narrow_sums_too():
    ones = np.ones((1, 1, 4000), np.float32)
    narrow = run("batch_matmul", ones, ones, transpose_b=True, numerics=Numerics(float_accumulator="float16", float_operand="float16"))
    assert narrow.item() == 2048  # above it float16 counts in steps of two, and one more rounds back


def test_a_normalised_row_has_mean_zero_and_deviation_one():
    result = run("layer_normalization", floats([1, 3], [10, 30]), epsilon=0.0)
    np.testing.assert_allclose(result, [[-1, 1], [-1, 1]])


def test_without_the_mean_the_root_mean_square_divides():
    np.testing.assert_allclose(run("layer_normalization", floats([3, 4]), epsilon=0.0, centred=False) * np.sqrt(12.5), [[3, 4]], rtol=1e-6)


def test_an_update_gate_of_one_keeps_the_state():
    hidden, state = 2, floats([5, -7])
    weights, recurrence = np.zeros((3 * hidden, 4), np.float32), np.zeros((3 * hidden, hidden), np.float32)
    bias = np.float32([50, 50, 0, 0, 0, 0])
    states, last = run("gru", np.ones((3, 1, 4), np.float32), weights, recurrence, bias, np.zeros(6, np.float32), state, outputs=2)
    assert states.shape == (3, 1, 2) and last.tolist() == [[5, -7]]


def test_a_plain_cell_sums_its_past():
    one = floats([1])
    bias, state = np.zeros(1, np.float32), np.zeros((1, 1), np.float32)
    states, _ = run("rnn", np.ones((4, 1, 1), np.float32), one, one, bias, bias, state, outputs=2, activation="relu")
    assert states.ravel().tolist() == [1, 2, 3, 4]


def test_a_recurrent_layer_is_a_scan_whose_products_repeat():
    (scan,) = work(
        "gru", np.zeros((9, 1, 4), np.float32), np.zeros((6, 4), np.float32), np.zeros((6, 2), np.float32), np.zeros(6, np.float32), np.zeros(6, np.float32),
        np.zeros((1, 2), np.float32), outputs=2, constants=(1, 2, 3, 4),
    )  # fmt: skip
    assert scan.steps == 9 and scan.macs == 9 * 6 * (4 + 2) and scan.weights == ("in1", "in2", "in3", "in4")


def test_interpolation_sums_weighted_places():
    result = run("interpolate", floats([0, 10, 20]), np.array([[0, 1], [1, 2]]), floats([0.5, 0.5], [0.9, 0.1]), constants=(1, 2), axis=1)
    np.testing.assert_allclose(result, [[5, 11]])


def test_the_largest_come_first_and_ties_keep_their_order():
    values, places = run("top_k", floats([3, 9, 3, 1]), k=3, outputs=2)
    assert values.tolist() == [[9, 3, 3]] and places.tolist() == [[1, 0, 2]]
    assert run("top_k", floats([3, 9, 3, 1]), k=1, largest=False, outputs=2)[0].tolist() == [[1]]


def test_scattered_updates_replace_or_add():
    data, places, updates = floats([1, 2, 3]), np.array([[1, 1]]), floats([10, 20])
    assert run("scatter_elements", data, places, updates, axis=1).tolist() == [[1, 20, 3]]
    assert run("scatter_elements", data, places, updates, axis=1, combination="add").tolist() == [[1, 32, 3]]
    assert run("scatter_nd", data, np.array([[0, 2]]), floats(7)[..., 0].reshape(1)).tolist() == [[1, 2, 7]]


def test_picks_by_element_and_by_vector():
    data = floats([1, 2], [3, 4])
    assert run("gather_elements", data, np.array([[1, 0]]), axis=0).tolist() == [[3, 2]]
    assert run("gather_nd", data, np.array([[1, 0], [0, 1]])).tolist() == [3, 2]


def test_running_sums_may_leave_themselves_out_and_run_backwards():
    row = np.float32([1, 2, 3])
    assert run("cumulative_sum", row).tolist() == [1, 3, 6]
    assert run("cumulative_sum", row, exclusive=True).tolist() == [0, 1, 3]
    assert run("cumulative_sum", row, reverse=True, product=True).tolist() == [6, 6, 3]


def test_dilated_windows_skip_elements():
    line = np.float32([1, 9, 2, 8, 3]).reshape(1, 5, 1)
    description = {"window": (2,), "stride": (1,), "dilation": (2,), "padding": ((0, 0),), "overhang": (0,)}
    assert run("max_pool", line, **description).ravel().tolist() == [2, 9, 3]
    assert run("average_pool", line, **description).ravel().tolist() == [1.5, 8.5, 2.5]
    assert run("lp_pool", line, order=1, **description).ravel().tolist() == [3, 17, 5]


def test_small_ones_do_what_their_names_say():
    assert run("trilu", floats([1, 2], [3, 4]), upper=False).tolist() == [[1, 0], [3, 4]]
    assert run("one_hot", np.array([2, 0]), np.float32([0, 5]), depth=3, into=("float32", None)).tolist() == [[0, 0, 5], [5, 0, 0]]
    assert run("hardmax", floats([1, 7, 7])).tolist() == [[0, 1, 0]]
    assert run("expand", floats([1], [2]), shape=(2, 2)).tolist() == [[1, 1], [2, 2]]
    assert run("reverse_sequence", floats([1, 2, 3]).T.copy(), np.array([2])).ravel().tolist() == [2, 1, 3]
    assert run("edge_pad", floats([1, 2]), padding=((0, 0), (1, 2))).tolist() == [[1, 1, 2, 2, 2]]
    assert run("clip", floats([-5, 0.5, 5]), low=0.0, high=1.0).tolist() == [[0, 0.5, 1]]
    assert run("pow", np.int32([2, 3]), np.int32([3, 2])).tolist() == [8, 9]
    assert run("remainder", np.int32([-7]), np.int32([3])).tolist() == [2] and run("truncated_remainder", np.int32([-7]), np.int32([3])).tolist() == [-1]
    assert run("shift_left", np.uint8([1]), np.uint8([3])).tolist() == [8] and run("shift_right", np.uint8([9]), np.uint8([3])).tolist() == [1]
    assert run("reduce_log_sum_exp", floats([1000, 1000]), axes=(1,)).tolist() == pytest.approx([1000 + np.log(2)])
    np.testing.assert_allclose(run("gelu", floats([0, 100, -100])), [[0, 100, 0]], atol=1e-6)
    np.testing.assert_allclose(run("elu", floats([-50, 2]), alpha=3.0), [[-3, 2]])


def test_a_dynamic_range_always_holds_zero():
    codes, scale, zero = run("dynamic_quantize", floats([1, 2, 5.1]), outputs=3)
    assert zero.item() == 0 and scale.item() == pytest.approx(0.02) and codes.tolist() == [[50, 100, 255]]
