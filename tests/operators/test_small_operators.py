"""The small operators: functions of elements, reductions, moves, selections."""

import numpy as np
import pytest
from one_node import graph_of, quantised, run, work

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.base.rooms import members
from accelsim.operators import load

F = np.float32


def test_every_operator_file_keeps_the_contract():
    for name in members("accelsim.operators"):
        module = load(name)
        assert module.__doc__ and isinstance(module.Attributes(), module.Attributes), name
        assert all(callable(getattr(module, part)) for part in ("output_shapes", "work", "evaluate")), name


@pytest.mark.parametrize(
    ("operator", "x", "y"),
    [
        ("relu", [-1, 0, 7], [0, 0, 7]), ("relu6", [-1, 5, 7], [0, 5, 6]), ("relu_n1_to_1", [-3, 0.5, 3], [-1, 0.5, 1]), ("square", [3, -2], [9, 4]),
        ("absolute", [-3, 2], [3, 2]), ("neg", [3, -2], [-3, 2]), ("sqrt", [9, 16], [3, 4]), ("rsqrt", [4, 16], [0.5, 0.25]),
        ("floor", [1.5, -1.5], [1, -2]), ("ceil", [1.5, -1.5], [2, -1]), ("round_half_even", [0.5, 1.5, 2.5], [0, 2, 2]), ("exp", [0, 1], [1, np.e]),
        ("log", [1, np.e], [0, 1]), ("sin", [0, np.pi / 2], [0, 1]), ("cos", [0, np.pi], [1, -1]), ("logistic", [0, -1000, 1000], [0.5, 0, 1]),
        ("tanh", [0, 100], [0, 1]), ("elu", [2, -1000], [2, -1]), ("hard_swish", [-3, 3, 1], [0, 3, 4 / 6]), ("log_softmax", [5, 5], [-np.log(2)] * 2),
        ("softmax", [1, 1, 1, 1], [0.25] * 4),
    ],
)  # fmt: skip
def test_function_of_one_float(operator, x, y):
    assert run(operator, F(x)) == pytest.approx(F(y), abs=1e-6)


def test_leaky_rectifier_keeps_a_part_of_the_negative():
    np.testing.assert_allclose(run("leaky_relu", F([-10, 10]), alpha=0.1), [-1, 10], rtol=1e-6)


@pytest.mark.parametrize(
    ("operator", "y"),
    [("add", [5, 9]), ("sub", [-1, -1]), ("mul", [6, 20]), ("div", [2 / 3, 0.8]), ("maximum", [3, 5]), ("minimum", [2, 4]), ("squared_difference", [1, 1])],
)
def test_arithmetic_of_two_floats(operator, y):
    assert run(operator, F([2, 4]), F([3, 5])) == pytest.approx(F(y))


@pytest.mark.parametrize(
    ("operator", "y"),
    [("equal", [0, 1, 0]), ("not_equal", [1, 0, 1]), ("less", [1, 0, 0]), ("less_equal", [1, 1, 0]), ("greater", [0, 0, 1]), ("greater_equal", [0, 1, 1])],
)
def test_comparisons(operator, y):
    np.testing.assert_array_equal(run(operator, F([1, 2, 3]), F([2]), into=("bool", None)), np.array(y, bool))


def test_logic():
    a, b = np.array([False, False, True, True]), np.array([False, True, False, True])
    np.testing.assert_array_equal(run("logical_and", a, b), a & b)
    np.testing.assert_array_equal(run("logical_or", a, b), a | b)
    np.testing.assert_array_equal(run("logical_not", a), ~a)


def test_selection_and_learned_slopes():
    np.testing.assert_array_equal(run("select", np.array([True, False]), F([1, 2]), F([3, 4]), into=("float32", None)), [1, 4])
    np.testing.assert_array_equal(run("prelu", F([[-2, -2], [3, 3]]), F([0.5, 2]), constants=(1,)), [[-1, -4], [3, 3]])


def test_quantised_sums_are_of_the_real_numbers():
    a, b = np.int8([10, 127]), np.int8([20, 127])
    result = run("add", a, b, scales=(quantised(0.5), quantised(0.25)), into=("int8", quantised(1.0, 1)))
    np.testing.assert_array_equal(result, [5 + 5 + 1, 96])  # 63.5 + 31.75 + 1 = 96.25


def test_quantised_functions_are_table_look_ups_and_clamps_are_not():
    codes, q = np.zeros((4, 5), np.int8), quantised(0.1)
    (table,) = work("logistic", codes, scales=(q,), into=("int8", quantised(1 / 256, -128)))
    (clamp,) = work("relu", codes, scales=(q,))
    assert (type(table).__name__, table.elements, table.entries) == ("Lookup", 20, 256)
    assert (type(clamp).__name__, clamp.operation, clamp.elements) == ("Elementwise", "relu", 20)


def test_softmax_is_maximum_exponentials_sum_and_quotients():
    kinds = [type(w).__name__ for w in work("softmax", np.zeros((3, 10), np.int8), scales=(quantised(0.1),), into=("int8", quantised(1 / 256, -128)))]
    assert kinds == ["Reduce", "Lookup", "Reduce", "Elementwise"]
    assert [w.elements for w in work("softmax", np.zeros((3, 10), F))] == [30] * 4


@pytest.mark.parametrize(
    ("operator", "y"),
    [("mean", [2, 5]), ("reduce_sum", [6, 15]), ("reduce_max", [3, 6]), ("reduce_min", [1, 4]), ("reduce_prod", [6, 120])],
)
def test_reductions_of_rows(operator, y):
    x = F([[1, 2, 3], [4, 5, 6]])
    np.testing.assert_allclose(run(operator, x, axes=(1,)), y)
    np.testing.assert_allclose(run(operator, x, axes=(-1,), keep_dims=True), np.reshape(y, (2, 1)))
    (found,) = work(operator, x, axes=(1,))
    assert (found.elements, found.results) == (6, 2)


def test_truth_reductions_and_positions_of_extremes():
    x = np.array([[True, False], [True, True]])
    np.testing.assert_array_equal(run("reduce_all", x, axes=(1,)), [False, True])
    np.testing.assert_array_equal(run("reduce_any", x, axes=(1,)), [True, True])
    np.testing.assert_array_equal(run("arg_max", F([[1, 9, 9], [3, 2, 1]]), axis=1, into=("int64", None)), [1, 0])
    np.testing.assert_array_equal(run("arg_min", F([[1, 9, 0], [3, 2, 1]]), axis=0, into=("int32", None)), [0, 1, 0])


def test_a_quantised_mean_is_of_the_real_numbers_and_a_quantised_sum_is_refused():
    codes = np.int8([[1, 3], [-2, -4]])
    np.testing.assert_array_equal(run("mean", codes, scales=(quantised(1.0),), axes=(1,)), [2, -3])
    np.testing.assert_array_equal(run("mean", codes, scales=(quantised(1.0, 10),), into=("int8", quantised(0.5, -3)), axes=(1,)), [-19, -29])
    with pytest.raises(UnsupportedError, match="sums quantised int8"):
        run("reduce_sum", codes, scales=(quantised(1.0),), axes=(1,))


def test_pooling_leaves_padding_out_of_the_mean():
    image = np.arange(9, dtype=F).reshape(1, 3, 3, 1)
    np.testing.assert_array_equal(run("average_pool2d", image, window=(2, 2), stride=(2, 2), padding="same").ravel(), [2, 3.5, 6.5, 8])
    np.testing.assert_array_equal(run("max_pool2d", image, window=(2, 2), stride=(1, 1)).ravel(), [4, 5, 7, 8])
    (found,) = work("max_pool2d", image, window=(2, 2), stride=(1, 1))
    assert (found.operation, found.elements, found.filter_h, found.in_h) == ("max", 4, 2, 3)


def test_quantise_and_dequantise_are_inverse_within_half_a_step():
    x, q = F([-1, 0.04, 0.26, 1]), quantised(0.1, 5)
    codes = run("quantize", x, into=("int8", q))
    np.testing.assert_array_equal(codes, [-5, 5, 8, 15])
    np.testing.assert_allclose(run("dequantize", codes, scales=(q,), into=("float32", None)), [-1, 0, 0.3, 1], rtol=1e-6)
    np.testing.assert_array_equal(run("quantize", codes, scales=(q,), into=("uint8", quantised(0.2, 100))), [95, 100, 102, 105])
    np.testing.assert_array_equal(run("cast", F([1.9, -1.9]), into=("int32", None)), [1, -1])


def test_views_cost_no_move_and_copies_tell_their_runs():
    x = np.arange(24, dtype=F).reshape(2, 3, 4)
    (view,), (copy,), (long,) = work("reshape", x, shape=(6, -1)), work("transpose", x, permutation=(2, 0, 1)), work("concatenation", x, x, axis=0)
    assert (view.pattern, copy.pattern, long.pattern, long.elements) == ("view", "strided", "contiguous", 48)


def test_moves_of_elements_are_numpys():
    x = np.arange(24, dtype=F).reshape(2, 3, 4)
    np.testing.assert_array_equal(run("reshape", x, shape=(4, -1)), x.reshape(4, 6))
    np.testing.assert_array_equal(run("squeeze", x[:, :1]), x[:, 0])
    np.testing.assert_array_equal(run("expand_dims", x, axis=-1), x[..., None])
    np.testing.assert_array_equal(run("transpose", x, permutation=(2, 0, 1)), x.transpose(2, 0, 1))
    np.testing.assert_array_equal(run("concatenation", x, x, axis=1), np.concatenate([x, x], 1))
    np.testing.assert_array_equal(run("pack", x, x, axis=1), np.stack([x, x], 1))
    np.testing.assert_array_equal(run("tile", x, repeats=(1, 2, 1)), np.tile(x, (1, 2, 1)))
    np.testing.assert_array_equal(run("box_slice", x, begin=(0, 1, 2), size=(1, -1, 2)), x[:1, 1:, 2:])
    np.testing.assert_array_equal(run("strided_slice", x, begin=(None, 2, 1), end=(None, None, 4), strides=(1, -1, 2), dropped=()), x[:, 2::-1, 1:4:2])
    np.testing.assert_array_equal(run("gather", x, np.int32([2, 0]), axis=1), x[:, [2, 0]])
    np.testing.assert_array_equal(run("pad", x, padding=((0, 0), (1, 0), (0, 2))), np.pad(x, ((0, 0), (1, 0), (0, 2))))
    np.testing.assert_array_equal(run("mirror_pad", x, padding=((0, 0), (1, 0), (0, 2))), np.pad(x, ((0, 0), (1, 0), (0, 2)), "reflect"))
    np.testing.assert_array_equal(run("shape", x, into=("int32", None)), [2, 3, 4])


def test_quantised_padding_is_the_zero_point():
    np.testing.assert_array_equal(run("pad", np.int8([5]), scales=(quantised(1.0, -7),), padding=((1, 1),)), [-7, 5, -7])


def test_parts_of_a_tensor():
    x = np.arange(6, dtype=F).reshape(3, 2)
    parts = run("split", x, axis=0, sizes=(1, 2), outputs=2)
    assert [p.tolist() for p in parts] == [[[0, 1]], [[2, 3], [4, 5]]]
    assert [p.tolist() for p in run("unpack", x, axis=1, outputs=2)] == [[0, 2, 4], [1, 3, 5]]


def test_blocks_of_pixels_become_channels_and_come_back():
    x = np.arange(2 * 4 * 6 * 4, dtype=F).reshape(2, 4, 6, 4)
    packed = run("space_to_depth", x, block=2)
    np.testing.assert_array_equal(packed[0, 0, 0], x[0, :2, :2].ravel())
    np.testing.assert_array_equal(run("depth_to_space", packed, block=2), x)


def test_resampling_by_neighbour_and_by_line():
    row = F([0, 10]).reshape(1, 1, 2, 1)
    np.testing.assert_array_equal(run("resize_nearest_neighbor", row, size=(1, 4)).ravel(), [0, 0, 10, 10])
    np.testing.assert_array_equal(run("resize_bilinear", row, size=(1, 4)).ravel(), [0, 5, 10, 10])
    np.testing.assert_array_equal(run("resize_bilinear", row, size=(1, 3), align_corners=True).ravel(), [0, 5, 10])
    np.testing.assert_array_equal(run("resize_bilinear", row, size=(1, 4), half_pixel_centers=True).ravel(), [0, 2.5, 7.5, 10])


def test_overlapping_boxes_keep_the_best():
    encodings, anchors = np.zeros((1, 3, 4), F), F([[0.5, 0.5, 1, 1], [0.5, 0.52, 1, 1], [3, 3, 1, 1]])
    scores = F([[[0, 0.9], [0, 0.8], [0, 0.7]]])
    description = dict(constants=(2,), outputs=4, num_classes=1, max_detections=3, nms_score_threshold=0.1, nms_iou_threshold=0.5)
    boxes, classes, found, count = run("detection_postprocess", encodings, scores, anchors, **description)
    assert count.item() == 2 and found[0] == pytest.approx([0.9, 0.7, 0]) and not classes.any()
    np.testing.assert_allclose(boxes[0, :2], [[0, 0, 1, 1], [2.5, 2.5, 3.5, 3.5]])


@pytest.mark.parametrize(
    ("operator", "attributes"),
    [
        ("reshape", {"shape": (5, 5)}), ("transpose", {"permutation": (0, 0, 1)}), ("pad", {"padding": ((1, 1),)}), ("concatenation", {"axis": 7}),
        ("squeeze", {"axes": (1,)}), ("box_slice", {"begin": (0, 0, 3), "size": (1, 1, 2)}), ("split", {"axis": 0, "sizes": (1, 3)}),
        ("strided_slice", {"begin": (0,), "end": (1,), "strides": (1,)}), ("tile", {"repeats": (2,)}), ("depth_to_space", {"block": 3}),
    ],
)  # fmt: skip
def test_attributes_that_do_not_fit_are_refused_by_the_nodes_name(operator, attributes):
    with pytest.raises(AccelsimError, match=rf"node 'node' \({operator}\)"):
        graph_of(operator, np.zeros((2, 3, 4), F), outputs=len(attributes.get("sizes", (1,))), **attributes)
