"""Is what is kept of a network for its next chip the same as if it were worked out anew?"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.base.errors import AccelsimError
from accelsim.importers import load_graph
from accelsim.mapping.kept import Kept, kept_of
from accelsim.mapping.mapper import Way, map_graph
from accelsim.mapping.prediction import Predicted
from accelsim.pipeline import load_chip

GRAPHS = {name: load_graph(name) for name in ("digits_cnn", "mobilenet_v3_small")}
COLUMNS = ("resource", "amount", "write", "role", "layer", "frame", "priority", "release", "before", "after", "starts", "ends", "address")
# Every figure of a chip that a mapping may look at, with values far enough apart to change it.
CHANGES = {
    "units.npu.rows": ("4", "16", "20"),
    "units.npu.clock": ("200 MHz", "1 GHz"),
    "units.npu.dataflow": ("output_stationary", "weight_stationary"),
    "memories.dram.bandwidth": ("0.5 GB/s", "12.8 GB/s"),
    "memories.dram": ("{kind: dram, part: lpddr4_3200_x16}", "{kind: dram_channel, bandwidth: 3 GB/s}"),
    "memories.dram.capacity": ("60 KiB", "64 MiB"),
    "memories.scratchpad.capacity": ("8 KiB", "24 KiB", "256 KiB"),
    "memories.scratchpad.channels": ("shared", "read_write"),
    "memories.scratchpad.bandwidth": ("null", "2 GB/s"),
    "links.dma.bandwidth": ("null", "1 GB/s"),
    "compiler.double_buffering": ("true", "false"),
    "compiler.transfer_chunk": ("256 B", "4 KiB"),
    "compiler.most_pieces": ("3", "64"),
    "compiler.uncut_products": ("true", "false"),
    "compiler.reads_first": ("true", "false"),
    "compiler.weight_buffer": ("null", "8 KiB"),
    "compiler.unit_order": ("[cpu, npu]", "[npu, cpu]"),
    "placement.activations": ("[dram]", "[scratchpad, dram]"),
    "placement.constants": ("[dram]", "[scratchpad, dram]"),
}


def mapped(graph, overrides):
    """Return a plan of two frames and the decisions, or the words of the refusal."""
    try:
        mapping = map_graph(graph, load_chip("systolic_npu", overrides))
    except AccelsimError as error:
        return str(error), None
    return mapping.plan(2, 1000, cold=True), [(c.order, c.tile, c.seconds, c.bound, c.considered, c.cost, c.streams) for c in mapping.choices]


def assert_same(one, other):
    assert one[1] == other[1]
    if isinstance(one[0], str) or isinstance(other[0], str):
        assert one[0] == other[0]
        return
    for name in COLUMNS:
        assert np.array_equal(getattr(one[0], name), getattr(other[0], name)), name
    assert one[0].resources == other[0].resources


@settings(max_examples=40)
@given(st.sampled_from(sorted(GRAPHS)), st.dictionaries(st.sampled_from(sorted(CHANGES)), st.integers(0, 2), max_size=6))
def test_a_plan_is_the_same_whatever_chips_the_network_was_mapped_on_before(name, changes):
    overrides = [f"{path}={CHANGES[path][which % len(CHANGES[path])]}" for path, which in changes.items()]
    assert_same(mapped(GRAPHS[name], overrides), mapped(replace(GRAPHS[name]), overrides))


def test_the_least_recently_used_is_forgotten():
    kept = Kept(most=2)
    made = []
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.get(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]


def test_what_cannot_be_made_is_not_kept():
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.get("x", lambda: 1 / 0)
    assert kept.get("x", lambda: 3) == 3


def test_what_is_kept_goes_with_its_network():
    graph = replace(GRAPHS["digits_cnn"])
    mapped(graph, [])
    assert kept_of(graph) is not kept_of(GRAPHS["digits_cnn"])


@settings(deadline=None, max_examples=15)
@given(st.sampled_from(sorted(GRAPHS)), st.integers(4, 64), st.floats(0.3, 30), st.sampled_from((0.0, 0.25, 1.0)))
def test_a_search_that_ends_early_finds_what_a_look_at_every_form_finds(name, rows, bandwidth, patience):
    chip = load_chip("systolic_npu", [f"units.npu.rows={rows}", f"memories.dram.bandwidth={bandwidth:.3f} GB/s"])
    early = map_graph(GRAPHS[name], chip, way=Way(patience=patience))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Predicted, "unsettled", lambda predicted, _: np.arange(predicted.tried.first_form.size - 1))
        every = map_graph(GRAPHS[name], chip, way=Way(patience=patience))
    assert [choice.considered for choice in early.choices] == [choice.considered for choice in every.choices]
    assert all(one.streams is other.streams and one.seconds == other.seconds for one, other in zip(early.choices, every.choices, strict=True))
