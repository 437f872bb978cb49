"""Laws of the mapper and of counts, each with the condition under which it is true.

The laws of time on a given plan stand in ``tests/engine/test_laws.py``; sums of bytes and joules in ``tests/mapping`` and ``tests/results``.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.prediction import GOOD_ENOUGH
from accelsim.pipeline import Options, load_chip, run

# Activations in DRAM, so that a larger scratchpad changes tilings and not homes: then candidates of a capacity include those of every smaller one.
FAR = ("placement.activations=[dram]", "compiler.weight_buffer=1 KiB", "compiler.transfer_chunk=512 B")
GRAPH = load_graph("digits_cnn")


def mapped(*overrides: str):
    return map_graph(GRAPH, load_chip("systolic_npu", [*FAR, *overrides]))


def seconds(mapping) -> np.ndarray:
    return np.array([choice.seconds for choice in mapping.choices])


@settings(max_examples=25, deadline=None)
@given(st.integers(4, 64), st.integers(0, 64))
def test_with_the_same_homes_more_working_memory_is_never_predicted_slower(kib, more):
    # The search stops at what is within 2 % of the unit's own bound, so that the law holds to that.
    small, large = mapped(f"memories.scratchpad.capacity={kib} KiB"), mapped(f"memories.scratchpad.capacity={kib + more} KiB")
    assert (seconds(large) <= seconds(small) * GOOD_ENOUGH + 1e-15).all()


@settings(max_examples=25, deadline=None)
@given(st.floats(0.5, 20), st.floats(1, 8))
def test_with_the_same_homes_and_latencies_more_bandwidth_is_never_predicted_slower(gigabytes, factor):
    slow, fast = (mapped(f"memories.dram.bandwidth={rate:.6f} GB/s") for rate in (gigabytes, gigabytes * factor))
    assert (seconds(fast) <= seconds(slow) * GOOD_ENOUGH + 1e-12).all()


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([4, 8, 16, 32]), st.sampled_from([4, 8, 16, 32]))
def test_more_multipliers_lower_the_roofline_bound_and_no_run_beats_it(rows, cols):
    # Fill and drain may cost a larger array more cycles; only the bound falls.
    result = run(load_chip("systolic_npu", [f"units.npu.rows={rows}", f"units.npu.cols={cols}"]), GRAPH, options=Options(execute=False))
    products = sum(row.macs for row in result.layer_rows if row.unit == "npu")
    assert result.units["npu"]["busy_cycles"] >= products / (rows * cols)


@settings(max_examples=15, deadline=None)
@given(st.integers(24, 128), st.sampled_from([512, 1024, 4096]), st.booleans())
def test_products_and_operands_are_the_same_however_the_layers_are_cut(kib, chunk, double):
    mapping = mapped(f"memories.scratchpad.capacity={kib} KiB", f"compiler.transfer_chunk={chunk} B", f"compiler.double_buffering={str(double).lower()}")
    assert sum(choice.layer.macs for choice in mapping.choices) == sum(layer.macs for layer in mapped().layers)
    for choice in mapping.choices:
        written = sum(stream.payload for stream in choice.streams if stream.role == "output" and stream.tensor)
        once = sum(tensor.bytes for tensor in choice.layer.outputs)
        assert written == once if choice.layer.unit == "npu" else written >= once  # a processor writes what lies between its loops too
        for tensor in (*choice.layer.inputs, *choice.layer.constants):
            assert sum(stream.payload for stream in choice.streams if stream.tensor == tensor.name) >= tensor.bytes


@settings(max_examples=10, deadline=None)
@given(st.integers(6, 128), st.sampled_from(["lpddr4_3200_x16", "lpddr5_6400_x16"]))
def test_both_engines_give_the_same_trace_with_a_dram_part_under_any_tiling(kib, part):
    dram = f"memories.dram={{kind: dram, part: {part}}}"
    plan = mapped(f"memories.scratchpad.capacity={kib} KiB", dram).plan()
    one, other = compiled.simulate(plan), event.simulate(plan)
    assert (one.start == other.start).all() and (one.finish == other.finish).all() and (one.dram == other.dram).all()


@pytest.mark.parametrize("chip", ["systolic_npu", "ethos_u55_128", "ethos_u65_512", "nvdla_table_64"])
def test_the_same_run_twice_says_the_same(chip):
    one, other = (run(chip, "digits_cnn").to_dict() for _ in range(2))
    assert one == other


@settings(max_examples=15, deadline=None)
@given(st.floats(0.2, 4), st.floats(1, 4))
def test_energy_follows_its_figures_in_proportion(pj, factor):
    # Dynamic energy is a sum of counts times figures: one figure times f adds (f - 1) times its own joules.
    low, high = (run(load_chip("systolic_npu", [f"memories.scratchpad.read_energy={x:.9f} pJ/B"]), GRAPH, options=Options(execute=False)) for x in (pj, pj * factor))
    own = sum(t.joules for t in low.terms if (t.component, t.action) == ("scratchpad", "read"))
    assert high.energy_j["total"] - low.energy_j["total"] == pytest.approx((factor - 1) * own, rel=1e-6, abs=1e-15)
