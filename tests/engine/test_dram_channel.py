"""Is a DRAM part in a chip served by banks and rows, the same in both engines, and charged by its commands?"""

import os

import pytest

from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled, event
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import Options, load_chip, run

PART = "memories.dram={kind: dram, part: lpddr4_3200_x16, capacity: 1 GiB}"
needs_compiler = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="a whole network through the DRAM kernels takes minutes without the compiler")


BURSTS = PART.replace("capacity", "service: bursts, capacity")


@pytest.fixture(scope="module")
def mapping():
    return map_graph(load_graph("mobilenet_v1_0_25"), load_chip("ethos_u65_256", [PART]))


@pytest.fixture(scope="module")
def burst_by_burst():
    return map_graph(load_graph("mobilenet_v1_0_25"), load_chip("ethos_u65_256", [BURSTS]))


@needs_compiler
@pytest.mark.parametrize("which", ["mapping", "burst_by_burst"])
def test_both_engines_serve_a_dram_channel_alike(which, request):
    plan = request.getfixturevalue(which).plan()
    ours, reference = compiled.simulate(plan), event.simulate(plan)
    assert (ours.start == reference.start).all() and (ours.finish == reference.finish).all()
    assert (ours.dram == reference.dram).all()


@needs_compiler
def test_row_by_row_takes_the_time_and_energy_of_burst_by_burst(mapping, burst_by_burst):
    rows, bursts = compiled.simulate(mapping.plan()), compiled.simulate(burst_by_burst.plan())
    assert rows.makespan == pytest.approx(bursts.makespan, rel=0.02)
    chips = load_chip("ethos_u65_256", [PART]), load_chip("ethos_u65_256", [BURSTS])
    joules = [run(chip, load_graph("mobilenet_v1_0_25"), options=Options(execute=False)).memories["dram"]["energy_j"] for chip in chips]
    assert joules[0] == pytest.approx(joules[1], rel=0.02)


@needs_compiler
@pytest.mark.parametrize("which", ["mapping", "burst_by_burst"])
def test_every_byte_of_the_plan_is_a_burst_of_the_channel(which, request):
    from accelsim.hardware.dram_parameters import channel_counts

    plan = request.getfixturevalue(which).plan()
    trace = compiled.simulate(plan)
    channel = next(i for i, r in enumerate(plan.resources) if r.dram is not None)
    counts = channel_counts(trace.dram[0], 10**9)
    quantum = plan.resources[channel].dram.part.geometry.burst_bytes
    for write, name in ((False, "read"), (True, "write")):
        amounts = plan.amount[(plan.resource == channel) & (plan.write == write)]
        assert counts[name] == sum(-(-int(a) // quantum) for a in amounts)


@needs_compiler
def test_the_energy_of_the_channel_is_that_of_its_commands(mapping):
    chip, graph = load_chip("ethos_u65_256", [PART]), load_graph("mobilenet_v1_0_25")
    result = run(chip, graph, options=Options(execute=False))
    actions = {term.action for term in result.terms if term.component == "dram"}
    assert {"activate", "read", "write", "refresh"} <= actions
    assert result.memories["dram"]["energy_j"] == pytest.approx(sum(t.joules for t in result.terms if t.component == "dram"))
    assert result.energy_j["total"] == pytest.approx(sum(result.energy_by_component.values()))


@needs_compiler
def test_two_channels_are_not_slower_than_one(mapping):
    two = map_graph(load_graph("mobilenet_v1_0_25"), load_chip("ethos_u65_256", [PART.replace("capacity", "part_channels: 2, capacity")]))
    assert compiled.simulate(two.plan()).makespan <= compiled.simulate(mapping.plan()).makespan


@pytest.mark.parametrize(
    ("memory", "told"),
    [
        ("{kind: dram, part: lpddr4_3200}", "lpddr4_3200_x16"),
        ("{kind: dram, part: lpddr4_3200_x16, controller: ramulater}", "ramulator"),
        ("{kind: dram, part: lpddr4_3200_x16, bandwidth: 1 GB/s}", "follows from part"),
        ("{kind: dram, part: lpddr4_3200_x16, read_energy: 1 pJ/B}", "follow from the part"),
        ("{kind: dram}", "part"),
    ],
)
def test_a_wrong_description_of_a_part_is_one_line(memory, told):
    with pytest.raises(AccelsimError) as caught:
        load_chip("ethos_u65_256", [f"memories.dram={memory}"])
    assert told in str(caught.value) and "\n" not in str(caught.value)
