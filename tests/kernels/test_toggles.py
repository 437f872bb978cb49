"""Are the bits counted that change at the multipliers, in the order of each dataflow?"""

import naive_toggles as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.graph.work import Contraction
from accelsim.hardware.traversal import held_for_a_run, stationary
from accelsim.hardware.units.systolic_array import DATAFLOWS
from accelsim.kernels import toggles
from accelsim.results.toggling import _geometry, _places, nest_of

SHAPES = st.tuples(*(st.integers(1, 3) for _ in range(4)), st.integers(1, 2), st.integers(1, 2), st.integers(0, 1), st.integers(1, 5))


def _product(shape):
    batch, size, channels, filters, taps, stride, pad, group = shape
    extent = (size - 1) * stride + taps - 2 * pad
    if extent < 1:
        return None
    return Contraction(
        batch=batch, group=min(group, 2), out_h=size, out_w=size, filters=filters, channels=channels, filter_h=taps, filter_w=taps,
        stride_h=stride, stride_w=stride, in_h=extent, in_w=extent, pad_top=pad, pad_left=pad,
    )  # fmt: skip


def _counted(work, traversal, inputs, weights, pad):
    extents = np.array([work.batch * work.out_h * work.out_w, work.filter_h * work.filter_w * work.channels, work.filters], np.int64)
    places = _places(work.group, extents, 1 << 30)
    flips = np.zeros((len(places), 2), np.int64)
    toggles.operand_toggles(inputs, weights, _geometry(work), nest_of(traversal), extents, places, pad, flips)
    return flips.sum(axis=0).tolist()


def _naive(work, inputs, weights, pad, multipliers):
    sizes = {"m": work.batch * work.out_h * work.out_w, "k": work.filter_h * work.filter_w * work.channels, "n": work.filters}
    totals = np.zeros(2, int)
    for group in range(work.group):
        a = naive.patches(inputs, work, group, pad)
        totals += naive.operand_toggles(a, weights[group * work.filters : (group + 1) * work.filters], multipliers(sizes))
    return totals.tolist()


@settings(max_examples=40, deadline=None)
@given(SHAPES, st.sampled_from(sorted(DATAFLOWS)), st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))
def test_a_grid_of_pes_sees_its_operands_in_the_order_of_its_dataflow(shape, dataflow, rows, cols, seed):
    work = _product(shape)
    if work is None:
        return
    inputs, weights = _operands(work, seed)
    counted = _counted(work, stationary(*DATAFLOWS[dataflow], rows, cols), inputs, weights, 3)
    assert counted == _naive(work, inputs, weights, 3, lambda sizes: naive.grid_steps(DATAFLOWS[dataflow], rows, cols, sizes))


@settings(max_examples=40, deadline=None)
@given(SHAPES, st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 1000))
def test_a_dot_product_lane_holds_its_weight_for_a_run_of_positions(shape, run, lanes, filters, seed):
    work = _product(shape)
    if work is None:
        return
    inputs, weights = _operands(work, seed)
    counted = _counted(work, held_for_a_run(run, lanes, filters), inputs, weights, 3)
    assert counted == _naive(work, inputs, weights, 3, lambda sizes: naive.lane_steps(run, lanes, filters, sizes))


def _operands(work, seed):
    rng = np.random.default_rng(seed)
    inputs = rng.integers(0, 256, (work.batch, work.in_h, work.in_w, work.group * work.channels), np.uint8)
    return inputs, rng.integers(0, 256, (work.group * work.filters, work.filter_h * work.filter_w * work.channels), np.uint8)


@pytest.mark.parametrize("word", [0, 1, 0b1011, 255, 0xFFFF, 0x80000001, 0xFFFFFFFF])
def test_the_set_bits_of_a_word_are_counted(word):
    assert toggles.ones(word) == word.bit_count()
