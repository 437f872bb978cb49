"""The systolic array's closed form beside registers that are stepped clock by clock, and beside the head."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accelsim.graph.work import Contraction, Window
from accelsim.hardware.units.systolic_array import DATAFLOWS, SystolicArray
from accelsim.kernels.systolic_steps import operand_stationary, output_stationary


def array(rows=4, cols=4, dataflow="weight_stationary", **rest) -> SystolicArray:
    return SystolicArray(kind="systolic_array", clock=None, memories=("sram",), rows=rows, cols=cols, dataflow=dataflow, **rest)


def matrices(m: int, k: int, n: int, seed: int = 0):
    generator = np.random.default_rng(seed)
    return generator.integers(-128, 128, (m, k)), generator.integers(-128, 128, (k, n))


def stepped(unit: SystolicArray, left: np.ndarray, right: np.ndarray) -> tuple[int, np.ndarray]:
    """Return the cycles and the product of the PE grid."""
    full, depth = unit.edge_fold == "full", unit.pipeline_depth
    product = np.zeros((left.shape[0], right.shape[1]), np.int64)
    if unit.dataflow == "output_stationary":
        cycles = output_stationary(left, right, unit.rows, unit.cols, full, unit.drain == "shift", depth, product)
    elif unit.dataflow == "weight_stationary":
        cycles = operand_stationary(left, right, unit.rows, unit.cols, full, unit.preload_overlapped, depth, product)
    else:  # the input stays: its transpose is held, the weights stream
        turned = np.zeros((right.shape[1], left.shape[0]), np.int64)
        cycles = operand_stationary(right.T.copy(), left.T.copy(), unit.rows, unit.cols, full, unit.preload_overlapped, depth, turned)
        product[:] = turned.T
    return cycles, product


@settings(max_examples=300, deadline=None)
@given(
    size=st.tuples(*[st.integers(1, 13)] * 3),
    grid=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    dataflow=st.sampled_from(sorted(DATAFLOWS)),
    edge_fold=st.sampled_from(["full", "clipped"]),
    drain=st.sampled_from(["column_bus", "shift"]),
    overlapped=st.booleans(),
    depth=st.integers(0, 3),
    seed=st.integers(0, 99),
)
@example(size=(4, 1, 1), grid=(1, 3), dataflow="input_stationary", edge_fold="clipped", drain="column_bus", overlapped=True, depth=0, seed=0)
@example(size=(1, 5, 6), grid=(4, 5), dataflow="weight_stationary", edge_fold="clipped", drain="column_bus", overlapped=True, depth=1, seed=0)
def test_registers_stepped_clock_by_clock_give_the_product_and_the_closed_form(size, grid, dataflow, edge_fold, drain, overlapped, depth, seed):
    unit = array(*grid, dataflow, edge_fold=edge_fold, drain=drain, preload_overlapped=overlapped, pipeline_depth=depth)
    left, right = matrices(*size, seed)
    cycles, product = stepped(unit, left, right)
    assert np.array_equal(product, left @ right)
    m, k, n = size
    assert cycles == unit.cost(Contraction(out_h=m, channels=k, filters=n)).cycles


@pytest.mark.parametrize("dataflow", sorted(DATAFLOWS))
@pytest.mark.parametrize("options", [{}, {"edge_fold": "full"}, {"preload_overlapped": True}, {"drain": "shift"}, {"pipeline_depth": 2}])
def test_a_larger_product_on_a_larger_array_agrees_too(dataflow, options):
    unit = array(8, 6, dataflow, **options)
    left, right = matrices(45, 50, 31)
    cycles, product = stepped(unit, left, right)
    assert np.array_equal(product, left @ right)
    assert cycles == unit.cost(Contraction(out_h=45, channels=50, filters=31)).cycles


# SCALE-Sim v3 on a 4 x 4 array prints these for the products M, N, K (column_bus, full), and leaves out the last cycle.
PRINTED = {(4, 4, 4): (9, 13, 13), (4, 4, 16): (21, 55, 55), (16, 16, 16): (351, 415, 415), (8, 4, 4): (19, 17, 27), (37, 21, 50): (3359, 3665, 4029)}


@pytest.mark.parametrize("mnk", PRINTED)
def test_fifteen_figures_that_scale_sim_prints(mnk):
    m, n, k = mnk
    work = Contraction(out_h=m, filters=n, channels=k)
    flows = ("output_stationary", "weight_stationary", "input_stationary")
    assert tuple(array(4, 4, flow, edge_fold="full").cost(work).cycles - 1 for flow in flows) == PRINTED[mnk]


@pytest.mark.parametrize("side, printed", [(32, 329_471), (128, 62_063)])
def test_a_resnet18_layer_on_two_arrays_takes_what_scale_sim_prints(side, printed):
    work = Contraction(out_h=7, out_w=7, filters=512, channels=512, filter_h=3, filter_w=3, in_h=9, in_w=9)
    assert array(side, side, edge_fold="full").cost(work).cycles - 1 == printed


def test_one_row_too_many_costs_a_second_fold():
    def cycles(k):
        return array(4, 4, edge_fold="full").cost(Contraction(out_h=10, channels=k, filters=4)).cycles

    assert cycles(4) == 4 + 10 + 3 + 3
    assert cycles(5) == 2 * cycles(4)


def test_overlapped_folds_follow_one_another_every_streamed_length():
    # 3 folds of 4 rows, 10 streamed: load 4, three streams of 10, and the last wave's skew of 3 + 3.
    assert array(4, 4, preload_overlapped=True).cost(Contraction(out_h=10, channels=12, filters=4)).cycles == 4 + 3 * 10 + 3 + 3


def test_a_stream_shorter_than_the_array_waits_for_the_next_load():
    # 2 streamed rows cannot hide a load of 4.
    assert array(4, 4, preload_overlapped=True).cost(Contraction(out_h=2, channels=12, filters=4)).cycles == 4 + 2 * 4 + 2 + 3 + 3


def test_shifting_sums_out_costs_the_rows_of_each_fold():
    bus, shift = (array(4, 4, "output_stationary", drain=drain).cost(Contraction(out_h=8, channels=5, filters=4)).cycles for drain in ("column_bus", "shift"))
    assert shift - bus == 2 * 4


@settings(max_examples=100, deadline=None)
@given(size=st.tuples(*[st.integers(1, 200)] * 3), grid=st.tuples(*[st.integers(1, 40)] * 2), dataflow=st.sampled_from(sorted(DATAFLOWS)), depth=st.integers(0, 4))
def test_no_array_does_more_macs_than_it_has_pes_and_each_shortcut_only_helps(size, grid, dataflow, depth):
    m, k, n = size
    work = Contraction(out_h=m, channels=k, filters=n)

    def cycles(**options):
        return array(*grid, dataflow, pipeline_depth=depth, **options).cost(work).cycles

    assert cycles(preload_overlapped=True) * grid[0] * grid[1] >= work.macs
    assert cycles(preload_overlapped=True) <= cycles() <= cycles(edge_fold="full")
    assert cycles() <= cycles(drain="shift")


def test_a_depthwise_layer_uses_one_column_a_channel():
    work = Contraction(group=8, channels=1, filters=1, filter_h=3, filter_w=3, out_h=5, out_w=5, in_h=7, in_w=7)
    assert array(16, 16).cost(work).cycles == 8 * (9 + 25 + 8 + 0)


def test_work_that_is_no_product_is_refused_by_its_kind():
    assert "Window" in array().refuses(Window(operation="max"))
    assert "float32" in array().refuses(Contraction(input_type="float32"))
    assert array().refuses(Contraction()) == ""
