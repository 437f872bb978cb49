"""Data brought to a graph's input: nothing is rescaled or resized unasked."""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.importers.datasets import fit_input

PICTURE = np.array([[[[0], [255]], [[128], [10]]]], np.uint8)


def tensor(dtype="int8", scale=1 / 255, zero=-128, shape=(1, 2, 2, 1)):
    q = None if dtype == "float32" else Quantization(np.array([scale], np.float32), np.array([zero], np.int64))
    return Tensor("input", shape, dtype, q)


def test_real_values_are_quantised_with_the_tensors_own_scale():
    real = np.array([0, 1, 0.4, 2], np.float32).reshape(1, 2, 2, 1)
    assert fit_input(real, tensor()).ravel().tolist() == [-128, 127, -26, 127]


def test_real_values_for_a_float_network_stay_as_they_are():
    real = np.array([0, 1, 0.5, 2]).reshape(1, 2, 2, 1)
    fitted = fit_input(real, tensor("float32"))
    assert fitted.dtype == np.float32 and np.array_equal(fitted, real)


def test_codes_of_the_tensors_own_type_are_taken_as_they_are():
    codes = np.array([-3, 4, 5, 6], np.int8).reshape(1, 2, 2, 1)
    assert np.array_equal(fit_input(codes, tensor()), codes)


@pytest.mark.parametrize("dtype, expected", [("int8", [-128, 127, 0, -118]), ("uint8", [0, 255, 128, 10])])
def test_pixels_of_an_8_bit_input_are_its_codes(dtype, expected):
    assert fit_input(PICTURE, tensor(dtype)).ravel().tolist() == expected


@pytest.mark.parametrize(
    "pixels, expected", [("unit", [0, 1, 128 / 255, 10 / 255]), ("signed", [-1, 1, 128 / 127.5 - 1, 10 / 127.5 - 1]), ("raw", [0, 255, 128, 10])]
)
def test_pixels_of_a_float_input_get_the_meaning_that_was_asked_for(pixels, expected):
    np.testing.assert_allclose(fit_input(PICTURE, tensor("float32"), pixels=pixels).ravel(), expected, rtol=1e-6, atol=1e-7)


def test_the_two_readings_of_pixels_agree_where_the_scale_covers_them():
    assert np.array_equal(fit_input(PICTURE, tensor(), pixels="unit"), fit_input(PICTURE, tensor(), pixels="codes"))


def test_a_lone_item_gets_its_batch_axis_and_a_flat_one_its_shape():
    assert fit_input(PICTURE[0], tensor()).shape == (1, 2, 2, 1)
    assert fit_input(np.zeros((5, 4), np.float32), tensor()).shape == (5, 2, 2, 1)


def test_resizing_is_done_when_asked_for():
    large = np.full((3, 8, 6, 1), 200, np.uint8)
    assert fit_input(large, tensor("uint8"), resize=True).ravel().tolist() == [200] * 12


@pytest.mark.parametrize(
    "items, graph_input, options, words",
    [
        (np.zeros((3, 8, 6, 1), np.uint8), tensor("uint8"), {}, "shape (3, 8, 6, 1) does not fit 'input' (1, 2, 2, 1) (ask for resizing)"),
        (np.zeros((3, 8, 6, 3), np.uint8), tensor("uint8"), {"resize": True}, "does not fit"),
        (np.zeros((1, 5), np.float32), tensor(), {}, "does not fit"),
        (PICTURE, tensor("float32"), {}, "need a meaning"),
        (PICTURE, tensor("float32"), {"pixels": "codes"}, "are no codes of the float32 tensor"),
        (PICTURE, tensor(), {"pixels": "units"}, "did you mean 'unit'"),
        (PICTURE.astype(np.int32), tensor(), {}, "int32 values do not fit the int8 tensor"),
        (np.full((1, 2, 2, 1), np.nan), tensor(), {}, "not finite"),
        (np.zeros((1, 2, 2, 1)), Tensor("input", (1, 2, 2, 1), "int8"), {}, "has no scale"),
    ],
)
def test_a_choice_that_is_the_users_is_not_made_for_him(items, graph_input, options, words):
    with pytest.raises(AccelsimError) as caught:
        fit_input(items, graph_input, **options)
    assert words in str(caught.value)
