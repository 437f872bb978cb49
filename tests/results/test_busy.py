"""Is every moment of a layer accounted for?"""

import numpy as np
import pytest

import accelsim
from accelsim.engine.trace import Trace
from accelsim.mapping.plan import COMPUTE
from accelsim.results.busy import busy, stalls


@pytest.fixture(scope="module")
def result():
    return accelsim.run("systolic_npu", "digits_cnn", options=accelsim.Options(execute=False))


def test_what_a_layer_spends_adds_up_to_its_span(result):
    spent = stalls(result.trace, [(row.unit, row.start_s, row.end_s) for row in result.layer_rows])
    assert [sum(one.values()) for one in spent] == pytest.approx([row.seconds for row in result.layer_rows], rel=1e-6)


def row_index(result, name: str) -> int:
    return next(choice.layer.index for choice in result.mapping.choices if choice.layer.name == name)


def test_a_layer_computes_for_as_long_as_its_cycles(result):
    spent = stalls(result.trace, [(row.unit, row.start_s, row.end_s) for row in result.layer_rows])
    clocks = [result.units[row.unit]["clock_hz"] for row in result.layer_rows]
    for one, row, hz in zip(spent, result.layer_rows, clocks, strict=True):
        pieces = int(((result.trace.plan.layer == row_index(result, row.name)) & (result.trace.plan.role == COMPUTE)).sum())
        assert -1e-3 <= one["compute"] * hz - row.cycles <= pieces + 1e-3  # a piece waits for the next edge of its clock


def test_a_server_is_busy_for_as_long_as_it_serves(result):
    seen = busy(result.trace)
    for index, name in enumerate(seen.names):
        if name in result.units:
            cycles = seen.working[index] @ np.diff(seen.edges) * 1e-12 * result.units[name]["clock_hz"]
            assert 0 <= round(cycles - result.units[name]["busy_cycles"], 6) <= (result.trace.plan.resource == index).sum()


def test_two_servers_share_a_stall_evenly(result):
    plan, one = result.trace.plan, np.zeros(1, np.int64)
    resources = plan.resources[:3]
    few = plan.__class__(
        resources, np.array([0, 1, 2], np.int32), np.array([1, 1, 1]), np.zeros(3, bool), np.array([1, 1, 1], np.int32), np.zeros(3, np.int32), np.zeros(3, np.int32),
        np.zeros(3, np.int32), np.zeros(3, np.int64), one[:0], one[:0],
    )  # fmt: skip
    latency = resources[2].parameters[3]
    trace = Trace(few, np.array([60, 0, 20]), np.array([100, 40, 60 + latency]), np.zeros((3, 4), np.int64), "event")
    (spent,) = stalls(trace, [(resources[0].name, 0.0, 100e-12)])
    # 0-20 one other works, 20-40 two, 40-60 the second alone, 60-100 the unit itself
    assert spent == pytest.approx({"compute": 40e-12, resources[1].name: 30e-12, resources[2].name: 30e-12})
