"""Fourier transforms: coefficients and work that can be checked in the head."""

import numpy as np
import pytest
from one_node import graph_of, run, work

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.graph.work import Transform
from accelsim.hardware.units.vector_unit import VectorUnit

SCALAR = VectorUnit(kind="vector_unit", clock="1 GHz", vector_bits=32, rates={"multiply": 1.0, "add": 1.0}, overhead=1.0, memories=["ram"])


def test_a_constant_signal_has_only_its_sum():
    spectrum = run("rfft2d", np.ones((1, 8), np.float32), into=("complex64", None), width=8)
    np.testing.assert_array_equal(spectrum, [[8, 0, 0, 0, 0]])


def test_one_wave_a_row_stands_at_one_place():
    angle = 2 * np.pi * np.arange(16) / 16
    spectrum = run("rfft2d", np.cos(3 * angle).astype(np.float32)[None], into=("complex64", None), width=16)
    np.testing.assert_allclose(np.abs(spectrum[0]), [0, 0, 0, 8, 0, 0, 0, 0, 0], atol=1e-5)


def test_short_rows_are_filled_up_and_long_ones_cut():
    short = run("rfft2d", np.float32([[1, 2, 3]]), into=("complex64", None), width=4)
    long = run("rfft2d", np.float32([[1, 2, 3, 0, 9]]), into=("complex64", None), width=4)
    np.testing.assert_array_equal(short, [[6, -2 - 2j, 2]])
    np.testing.assert_array_equal(short, long)


def test_rows_are_transformed_as_real_numbers_and_columns_as_complex_ones():
    rows, columns = work("rfft2d", np.ones((3, 4, 8), np.float32), into=("complex64", None), height=4, width=8)
    assert (rows.operation, rows.length, rows.count) == ("real_fft", 8, 12)
    assert (columns.operation, columns.length, columns.count) == ("fft", 4, 15)


def test_a_single_row_leaves_no_columns_to_transform():
    (only,) = work("rfft2d", np.ones((1, 512), np.float32), into=("complex64", None), width=512)
    assert only.butterflies == 512 / 4 * 9


def test_a_butterfly_costs_four_multiplications_and_six_additions():
    transform = Transform(reads=("x",), writes=("y",), operation="fft", length=8, count=1)
    # 3 stages of 4 butterflies; a load, store or loop instruction beside each of 120.
    assert transform.butterflies == 12
    assert SCALAR.cost(transform).cycles == pytest.approx(2 * 12 * 10)


@pytest.mark.parametrize("lengths", [{"width": 6}, {"width": 8, "height": 3}, {"width": 0}])
def test_other_lengths_than_powers_of_two_are_refused(lengths):
    with pytest.raises(AccelsimError, match="not powers of two"):
        graph_of("rfft2d", np.ones((1, 8), np.float32), **lengths)


def test_a_width_of_one_is_refused_as_the_reference_gets_it_wrong():
    with pytest.raises(AccelsimError, match="a width of 1 is not transformed"):
        graph_of("rfft2d", np.ones((4, 1), np.float32), height=4, width=1)


def test_integers_are_not_transformed():
    with pytest.raises(UnsupportedError, match="no kernel transforms int32"):
        run("rfft2d", np.ones((1, 8), np.int32), into=("complex64", None), width=8)


@pytest.mark.parametrize("operator, expected", [("complex_abs", [5, 1]), ("real", [3, 0]), ("imag", [-4, 1])])
def test_parts_of_complex_numbers(operator, expected):
    np.testing.assert_array_equal(run(operator, np.complex64([3 - 4j, 1j]), into=("float32", None)), expected)


def test_real_numbers_have_no_parts_here():
    with pytest.raises(UnsupportedError, match="float32 is not complex"):
        run("real", np.ones(2, np.float32))
