"""Laws of the mapping that simulates best.

Candidates of a capacity include those of every smaller one of the steps in ``alternatives.py``, the winner is chosen by simulated time, latencies stay
equal: then more working memory is never slower. Bandwidth has no such law with arbitration at run time (a transfer that is through earlier may let
another pass before a more urgent one); what is gained and lost is bounded here.
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.base.errors import AccelsimError
from accelsim.importers import load_graph
from accelsim.mapping.alternatives import STEPS, WAYS, alternatives
from accelsim.mapping.mapper import changes, map_graph
from accelsim.pipeline import best_mapping, load_chip, simulate
from networks import chain

LEVELS = sorted(2**k * step for k in range(3, 8) for step in STEPS)  # KiB
GRAPHS = {"wide": chain([8, 32, 32, 16], 24), "narrow": chain([16, 16, 48, 8, 8], 20, kernel=1), "deep": chain([8] * 7, 32)}


def picoseconds(graph, chip: str, *overrides: str) -> float:
    """Return the time of the kept mapping; infinite where there is none."""
    try:
        return int(simulate(best_mapping(graph, load_chip(chip, overrides)).plan()).finish.max())
    except AccelsimError:
        return float("inf")


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(GRAPHS)), st.sampled_from([("ethos_u65_256", "sram"), ("systolic_npu", "scratchpad")]), st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_where_all_smaller_ones_are_candidates_more_working_memory_is_never_slower(name, chip, one, other):
    chip, memory = chip
    taken = [picoseconds(GRAPHS[name], chip, "compiler.candidates=10000", f"memories.{memory}.capacity={kib} KiB") for kib in sorted((one, other))]
    assert taken[1] <= taken[0]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(GRAPHS)), st.floats(0.25, 8), st.floats(1, 4))
def test_more_bandwidth_costs_at_most_a_percent_where_its_order_is_unlucky(name, gigabytes, factor):
    ways = f"compiler.candidates={len(WAYS)}"
    slow, fast = (picoseconds(GRAPHS[name], "ethos_u65_256", ways, f"memories.dram.bandwidth={rate:.6f} GB/s", "memories.sram.capacity=24 KiB") for rate in (gigabytes, gigabytes * factor))
    assert fast <= 1.01 * slow


@pytest.mark.parametrize("model", ["mobilenet_v2", "squeezenet1_1", "resnet18"])
def test_the_kept_mapping_is_no_slower_than_any_that_was_looked_at(model):
    graph, chip = load_graph(model), load_chip("ethos_u65_512")
    found = [int(simulate(mapping.plan()).finish.max()) for mapping in alternatives(graph, chip)]
    kept = int(simulate(best_mapping(graph, chip).plan()).finish.max())
    assert len(found) > 1 and kept == min(found) <= int(simulate(map_graph(graph, chip).plan()).finish.max())


def test_a_network_with_room_for_everything_is_mapped_one_way_only():
    assert len(list(alternatives(load_graph("digits_cnn"), load_chip("ethos_u55_128")))) == 1


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(GRAPHS)), st.sampled_from([("ethos_u65_256", "sram"), ("systolic_npu", "scratchpad")]), st.sampled_from(LEVELS), st.sampled_from(WAYS))
def test_a_way_that_changes_where_no_tensor_lies_changes_nothing(name, chip, kib, way):
    chip, memory = chip
    described = load_chip(chip, [f"memories.{memory}.capacity={kib} KiB"])
    try:
        first = map_graph(GRAPHS[name], described)
        other = map_graph(GRAPHS[name], described, way=replace(way, patience=1.0))
    except AccelsimError:
        return
    decisions = [[(choice.order, choice.tile, choice.streams, choice.seconds) for choice in mapping.choices] for mapping in (first, other)]
    assert changes(first, way) or decisions[0] == decisions[1]


def test_a_chip_may_look_at_one_way_only():
    assert len(list(alternatives(load_graph("mobilenet_v2"), load_chip("ethos_u65_512", ["compiler.candidates=1"])))) == 1
