"""Banks of a scratchpad: two users meet in them by address where it is known, by chance where it is not."""

import numpy as np
import pytest

from accelsim import Task, together
from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import Options, load_chip, run
from networks import chain

NPU = "{kind: systolic_array, clock: 1 GHz, memories: [sram], rows: 16, cols: 16, dataflow: output_stationary}"
CONVOLUTIONS = chain([16] * 5, size=16)


def chip(interleave: str | None, banks: int = 4, ports: int = 4, width: int = 8):
    sram = f"{{kind: scratchpad, capacity: 256 KiB, burst: 8, banks: {banks}, ports: {ports}, width: {width}, clock: 1 GHz, interleave: {interleave or 'null'}}}"
    return load_chip("systolic_npu", [
        "units.npu=null", f"units.a={NPU}", f"units.b={NPU}", "units.cpu.memories=[sram]", "memories.scratchpad=null", "memories.dram=null", f"memories.sram={sram}", "links.dma=null",
        "placement.constants=[sram]", "placement.activations=[sram]", "placement.loaded_from=null", "start={cold_cycles: 0, warm_cycles: 0}", "compiler.weight_buffer=null",
    ])  # fmt: skip


def seconds(described) -> float:
    return run(described, CONVOLUTIONS, options=Options(execute=False)).latency_s


def pair(described):
    return together(described, [Task(CONVOLUTIONS, ("a",)), Task(CONVOLUTIONS, ("b",))], frames=3)


def test_two_users_in_banks_of_their_own_do_not_slow_each_other_and_in_the_same_ones_they_do():
    # In ranges the second network's tensors lie behind the first's; in a single bank all meet.
    ranges, one = (max(n.slow_down for n in pair(chip(way)).networks) for way in ("16 KiB", "64 KiB"))
    assert ranges < 1.05 and one > 1.8


def test_interleaved_banks_lie_between_no_conflicts_and_one_bank():
    none, spread, one = (pair(chip(way)).seconds for way in (None, "8 B", "64 KiB"))
    assert none < spread < one


def test_more_banks_mean_fewer_conflicts():
    found = [seconds(chip("8 B", banks=banks)) for banks in (4, 8, 32)]
    assert found == sorted(found, reverse=True) and found[0] > found[-1]


def test_addresses_are_those_of_the_homes_and_staging_has_none():
    mapping = map_graph(CONVOLUTIONS, chip("16 KiB"))
    plan = mapping.plan()
    sram = next(i for i, r in enumerate(plan.resources) if r.name == "sram")
    known = plan.address[plan.resource == sram]
    assert known.min() >= 0 and known.max() < mapping.homes.used("sram")
    staged = map_graph(load_graph("digits_cnn"), load_chip("systolic_npu", ["memories.scratchpad.bandwidth=null", "memories.scratchpad.width=16", "memories.scratchpad.clock=1 GHz", "memories.scratchpad.banks=4", "memories.scratchpad.ports=2", "memories.scratchpad.channels=shared", "memories.scratchpad.interleave=16 B"])).plan()  # fmt: skip
    pad = next(i for i, r in enumerate(staged.resources) if r.name == "scratchpad")
    assert (staged.address[staged.resource == pad] == -1).any()


def test_a_chip_without_banks_before_leaves_nothing_behind():
    graph = chain([16] * 5, size=16)
    fresh = map_graph(chain([16] * 5, size=16), chip("16 KiB")).plan()
    map_graph(graph, chip(None)).plan()
    after = map_graph(graph, chip("16 KiB")).plan()
    assert np.array_equal(after.address, fresh.address) and fresh.address.max() > 0


@pytest.mark.parametrize("interleave", ["8 B", "16 KiB"])
def test_both_engines_make_the_same_trace_with_banks(interleave):
    plan, _ = pair(chip(interleave)).mapping.plan((2, 2), (0, 0))
    ours, reference = compiled.simulate(plan), event.simulate(plan)
    assert np.array_equal(ours.start, reference.start) and np.array_equal(ours.finish, reference.finish)


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("memories.sram.interleave=4 B", "interleave is less than the 8 B"),
        ("memories.sram={kind: scratchpad, bandwidth: 1 GB/s, interleave: 16 B}", "interleave needs width and clock"),
        ("memories.sram.channels=read_write", "reads and writes meet in the banks"),
        ("memories.sram.banks=100", "up to 8 ports and 64 banks"),
    ],
)
def test_an_impossible_interleave_is_refused_in_one_line(over, told):
    tree = chip("16 B")
    with pytest.raises(AccelsimError, match=told):
        load_chip("systolic_npu", [
            "memories.sram={kind: scratchpad, capacity: 64 KiB, banks: 4, ports: 4, width: 8, clock: 1 GHz, interleave: 16 B}", over,
        ])  # fmt: skip
    assert tree.memories["sram"].interleave == 16
