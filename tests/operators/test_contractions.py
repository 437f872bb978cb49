"""Convolutions and matrix products: shapes, counts and sums that can be checked in the head."""

import numpy as np
import pytest
from one_node import graph_of, quantised, run, work

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.numerics import TFLITE_MICRO, TFLITE_REFERENCE, Numerics


def ones(*shape):
    return np.ones(shape, np.float32)


def test_a_filter_of_ones_counts_the_pixels_under_it():
    result = run("conv2d", ones(1, 3, 3, 2), ones(1, 3, 3, 2), constants=(1,), padding="same")
    np.testing.assert_array_equal(result[0, :, :, 0], [[8, 12, 8], [12, 18, 12], [8, 12, 8]])


def test_explicit_padding_may_differ_on_each_side():
    result = run("conv2d", ones(1, 3, 3, 1), ones(1, 3, 3, 1), constants=(1,), padding=((1, 0), (0, 2)))
    np.testing.assert_array_equal(result[0, :, :, 0], [[6, 4, 2], [9, 6, 3]])


def test_dilation_spreads_the_filter():
    image = np.arange(25, dtype=np.float32).reshape(1, 5, 5, 1)
    result = run("conv2d", image, ones(1, 2, 2, 1), constants=(1,), dilation=(3, 4))
    assert result[0, 0, 0, 0] == 0 + 4 + 15 + 19 and result.shape == (1, 2, 1, 1)


def test_groups_follow_from_the_channels():
    image = np.float32([[[[1, 2, 30, 40]]]])
    result = run("conv2d", image, ones(2, 1, 1, 2), constants=(1,))
    np.testing.assert_array_equal(result.ravel(), [3, 70])


def test_each_image_of_a_batch_is_convolved_alone():
    images = np.stack([ones(4, 4, 1) * k for k in (1, 2, 5)])
    result = run("conv2d", images, ones(1, 4, 4, 1), constants=(1,))
    np.testing.assert_array_equal(result.ravel(), [16, 32, 80])


def test_a_depth_multiplier_gives_each_channel_its_own_filters():
    result = run("depthwise_conv2d", np.float32([[[[1, 10]]]]), np.float32([[[[1, 2, 3, 4]]]]), constants=(1,))
    np.testing.assert_array_equal(result.ravel(), [1, 2, 30, 40])


def test_each_group_has_its_own_part_of_the_bias_before_the_clamp():
    image = np.float32([[[[1, 2, 30, 40]]]])
    result = run("conv2d", image, ones(2, 1, 1, 2), np.float32([1, -66]), constants=(1, 2), activation="relu6")
    np.testing.assert_array_equal(result.ravel(), [4, 4])


def test_many_channels_side_by_side_are_convolved_as_each_alone():
    rng = np.random.default_rng(0)
    image, filters, bias = (rng.standard_normal(shape, dtype=np.float32) for shape in ((1, 7, 9, 20), (1, 3, 3, 20), 20))
    place = {"constants": (1, 2), "padding": "same", "stride": (1, 2), "activation": "relu6"}
    together = run("depthwise_conv2d", image, filters, bias, **place)
    alone = [run("depthwise_conv2d", image[..., c : c + 1], filters[..., c : c + 1], bias[c : c + 1], **place) for c in range(20)]
    np.testing.assert_array_equal(together, np.concatenate(alone, axis=3))


def test_a_transposed_convolution_spreads_each_pixel():
    image = np.float32([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
    result = run("transpose_conv", image, ones(1, 2, 2, 1), constants=(1,), stride=(2, 2), size=(4, 4))
    np.testing.assert_array_equal(result[0, :, :, 0], np.kron([[1, 2], [3, 4]], np.ones((2, 2))))


def test_padding_of_integers_is_real_zero_not_code_zero():
    codes, weights = np.full((1, 1, 1, 1), 10, np.int8), np.full((1, 3, 3, 1), 1, np.int8)
    result = run("conv2d", codes, weights, constants=(1,), scales=(quantised(1.0, 4), quantised(1.0)), padding="same", into=("int8", quantised(1.0)))
    assert result.item() == 6


def test_one_rounding_lifts_negative_halves_and_two_send_them_away_from_zero():
    rows = np.arange(-128, 128, dtype=np.int8).reshape(-1, 1)
    description = dict(constants=(1,), scales=(quantised(1.0), quantised(0.25)), into=("int8", quantised(1.0)))
    single = run("fully_connected", rows, np.int8([[2]]), numerics=TFLITE_REFERENCE, **description)
    double = run("fully_connected", rows, np.int8([[2]]), numerics=TFLITE_MICRO, **description)
    exact = rows.ravel() / 2
    np.testing.assert_array_equal(single.ravel(), np.floor(exact + 0.5))
    np.testing.assert_array_equal(double.ravel(), np.trunc(exact + np.copysign(0.5, exact)))


def test_halves_go_to_even_as_onnxruntime_rounds():
    rows = np.int8([[1], [3], [5], [-1], [-3]])
    description = dict(constants=(1,), scales=(quantised(1.0), quantised(0.5)), into=("int8", quantised(1.0)))
    result = run("fully_connected", rows, np.int8([[1]]), numerics=Numerics(fully_connected_requantization="float_half_even"), **description)
    np.testing.assert_array_equal(result.ravel(), [0, 2, 2, 0, -2])


def test_integers_saturate_and_a_fused_rectifier_clamps():
    rows = np.int8([[100], [-100]])
    description = dict(constants=(1,), scales=(quantised(1.0), quantised(1.0)), into=("int8", quantised(1.0, -8)))
    np.testing.assert_array_equal(run("fully_connected", rows, np.int8([[100]]), **description).ravel(), [127, -128])
    np.testing.assert_array_equal(run("fully_connected", rows, np.int8([[1]]), activation="relu", **description).ravel(), [92, -8])
    np.testing.assert_array_equal(run("fully_connected", rows, np.int8([[1]]), activation="relu6", **description).ravel(), [-2, -8])


def test_float16_weights_are_multiplied_as_stored():
    result = run("fully_connected", np.float32([[2, 3]]), np.float16([[0.5, 0.1]]), constants=(1,))
    assert result.item() == pytest.approx(1 + 3 * float(np.float16(0.1)), rel=1e-6)


def test_a_convolution_tells_its_halo_and_its_macs():
    image, weights, bias = np.zeros((2, 9, 9, 4), np.int8), np.zeros((6, 3, 3, 2), np.int8), np.zeros(6, np.int32)
    (found,) = work("conv2d", image, weights, bias, constants=(1, 2), padding="same", stride=(2, 2))
    assert (found.batch, found.group, found.filters, found.channels) == (2, 2, 3, 2)
    assert (found.out_h, found.out_w, found.in_h, found.pad_top, found.stride_w) == (5, 5, 9, 1, 2)
    assert found.macs == 2 * 5 * 5 * 6 * 2 * 9 and found.has_bias and found.weights == ("in1", "in2") and found.reads == ("in0",)


def test_a_depthwise_convolution_is_a_group_per_channel():
    (found,) = work("depthwise_conv2d", np.zeros((1, 8, 8, 5), np.int8), np.zeros((1, 3, 3, 10), np.int8), constants=(1,))
    assert found.is_depthwise and found.group == 5 and found.filters == 2 and found.macs == 6 * 6 * 10 * 9


def test_a_matrix_product_of_m_by_k_by_n():
    (found,) = work("fully_connected", np.zeros((7, 20), np.int8), np.zeros((3, 20), np.int8), constants=(1,))
    assert (found.out_h, found.channels, found.filters, found.macs) == (7, 20, 3, 420)


def test_a_transposed_convolution_counts_every_product():
    (found,) = work("transpose_conv", ones(1, 4, 5, 6), ones(3, 2, 2, 6), constants=(1,), stride=(2, 2), size=(8, 10))
    assert found.macs == 4 * 5 * 6 * 3 * 2 * 2


@pytest.mark.parametrize(
    ("operator", "shapes"),
    [
        ("conv2d", [(1, 5, 5, 3), (4, 3, 3, 2)]),
        ("conv2d", [(1, 5, 5, 3), (4, 3, 3, 3), (5,)]),
        ("depthwise_conv2d", [(1, 5, 5, 3), (1, 3, 3, 4)]),
        ("fully_connected", [(1, 10), (4, 3)]),
        ("transpose_conv", [(1, 5, 5, 3), (4, 3, 3, 2)]),
    ],
)
def test_operands_that_do_not_fit_are_refused_by_the_nodes_name(operator, shapes):
    with pytest.raises(AccelsimError, match=rf"node 'node' \({operator}\)"):
        graph_of(operator, *[np.zeros(shape, np.float32) for shape in shapes], constants=(1, 2))


def test_types_that_no_kernel_multiplies_are_refused():
    with pytest.raises(UnsupportedError, match="multiplies int32 by int8"):
        run("fully_connected", np.zeros((1, 2), np.int32), np.zeros((3, 2), np.int8), constants=(1,))


def test_a_misspelt_attribute_is_refused():
    with pytest.raises(AccelsimError, match="strides"):
        graph_of("conv2d", ones(1, 3, 3, 1), ones(1, 1, 1, 1), strides=(1, 1))


def test_an_lstm_of_zeros_stays_zero_and_is_serial_work():
    sequence, state = np.ones((1, 5, 3), np.float32), np.zeros((1, 2), np.float32)
    weights = [np.zeros((2, 3), np.float32)] * 4 + [np.zeros((2, 2), np.float32)] * 4 + [np.zeros(2, np.float32)] * 4
    hidden, last, cell = run("lstm", sequence, *weights, state, state, constants=range(1, 13), outputs=3)
    assert not hidden.any() and not last.any() and not cell.any() and hidden.shape == (1, 5, 2)
    (found,) = work("lstm", sequence, *weights, state, state, constants=range(1, 13), outputs=3)
    assert found.steps == 5 and found.macs == 5 * 4 * 2 * (3 + 2)


def test_an_lstm_with_open_gates_adds_up_its_candidate():
    one, state = np.ones((1, 4, 1), np.float32), np.zeros((1, 1), np.float32)
    weights = [np.zeros((1, 1), np.float32)] * 8 + [np.float32([b]) for b in (50, 50, 50, 50)]
    hidden, _, cell = run("lstm", one, *weights, state, state, constants=range(1, 13), outputs=3)
    assert cell.item() == pytest.approx(4) and hidden[0, :, 0] == pytest.approx(np.tanh([1, 2, 3, 4]))


@pytest.mark.parametrize(
    ("operator", "image", "weights"),
    [
        ("conv2d", (1, 1, 1, 3000), (1, 1, 1, 3000)), ("fully_connected", (1, 3000), (1, 3000)), ("depthwise_conv2d", (1, 60, 50, 1), (1, 60, 50, 1)),
        ("conv2d", (1, 1, 1, 6000), (2, 1, 1, 3000)),
    ],
)  # fmt: skip
def test_float_sums_are_kept_in_the_width_that_the_chip_declares(operator, image, weights):
    half, brain = Numerics(float_accumulator="float16"), Numerics(float_accumulator="bfloat16")
    assert np.unique(run(operator, ones(*image), ones(*weights), constants=(1,), numerics=half)).tolist() == [2048]
    assert np.unique(run(operator, ones(*image), ones(*weights), constants=(1,), numerics=brain)).tolist() == [256]
    assert np.unique(run(operator, ones(*image), ones(*weights), constants=(1,))).tolist() == [3000]


def test_float_operands_are_rounded_to_the_type_that_the_chip_declares():
    numerics = Numerics(float_operand="bfloat16")
    result = run("fully_connected", np.float32([[1.003]]), np.float32([[1.003]]), constants=(1,), numerics=numerics)
    assert result.item() == 1.0


def test_an_accumulator_of_fewer_bits_than_the_sums_is_refused():
    with pytest.raises(UnsupportedError, match="no kernel keeps sums in 24 bits"):
        run("fully_connected", ones(1, 2), ones(1, 2), constants=(1,), numerics=Numerics(accumulator_bits=24))


def test_a_narrow_float_is_refused_where_no_kernel_has_it():
    with pytest.raises(UnsupportedError, match="no kernel computes it in bfloat16"):
        run("transpose_conv", ones(1, 2, 2, 1), ones(1, 2, 2, 1), constants=(1,), size=(3, 3), numerics=Numerics(float_operand="bfloat16"))
