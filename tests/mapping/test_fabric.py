"""Buses, crossbars and meshes: what passes between attached things occupies the links of its route, and only those."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim import Task, together
from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled, event
from accelsim.hardware.links.mesh2d import Mesh2d
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.pipeline import Options, load_chip, run
from accelsim.results.power import power_over_time
from networks import chain

# Two equal arrays that read one fast memory themselves.
NPU = "{kind: systolic_array, clock: 1 GHz, memories: [sram], rows: 16, cols: 16, dataflow: output_stationary}"
BASE = [
    "units.npu=null", f"units.a={NPU}", f"units.b={NPU}", "units.cpu.memories=[sram]", "memories.scratchpad=null", "memories.dram=null",
    "memories.sram={kind: scratchpad, capacity: 64 MiB, bandwidth: 400 GB/s, burst: 16}", "links.dma=null", "placement.constants=[sram]", "placement.activations=[sram]", "placement.loaded_from=null", "start={cold_cycles: 0, warm_cycles: 0}",
]  # fmt: skip
GRAPH = load_graph("digits_cnn")
CONVOLUTIONS = chain([16] * 5, size=16)  # nothing for the host


def chip(network: str = "", *more: str):
    return load_chip("systolic_npu", [*BASE, *([f"links.noc={network}"] if network else []), *more])


def mesh(a, b, sram, rate: str = "8 GB/s", latency: str = "0 s") -> str:
    return f"{{kind: mesh2d, columns: 3, rows: 2, places: {{a: {a}, b: {b}, sram: {sram}}}, bandwidth: {rate}, burst: 16, latency: {latency}}}"


def pair(described) -> float:
    """Return the larger slow-down of two networks on the two arrays."""
    return max(one.slow_down for one in together(described, [Task(CONVOLUTIONS, ("a",)), Task(CONVOLUTIONS, ("b",))], frames=4).networks)


def result(described, model=GRAPH):
    return run(described, model, options=Options(execute=False))


points = st.tuples(st.integers(0, 5), st.integers(0, 4))


@given(points, points)
def test_a_route_goes_along_x_and_then_along_y_without_detour(source, target):
    network = Mesh2d(kind="mesh2d", columns=6, rows=5, places={"a": source, "b": target})
    links = network.links("a", "b")
    assert len(links) == abs(source[0] - target[0]) + abs(source[1] - target[1])
    stops = [tuple(map(int, end.split(","))) for link in links for end in link.split(">")]
    if links:
        assert (stops[0], stops[-1]) == (source, target) and stops[1:-1:2] == stops[2:-1:2]
        turned = [one[0] == other[0] for one, other in zip(stops[::2], stops[1::2], strict=True)]
        assert turned == sorted(turned)


def test_a_network_that_is_never_full_changes_no_time():
    assert result(chip(mesh([0, 0], [1, 0], [2, 1], rate="15 TB/s"))).latency_s == pytest.approx(result(chip()).latency_s, rel=0.01)


def test_a_slow_link_makes_its_bytes_late():
    fast, slow = (result(chip(mesh([0, 0], [1, 0], [2, 1], rate=rate))).latency_s for rate in ("64 GB/s", "1 GB/s"))
    assert slow > 2 * fast


def test_two_flows_over_one_link_slow_each_other_and_over_two_they_do_not():
    # On the way from the memory at [2, 0] both pass 2,0>1,0; with b at [2, 1] they part at once.
    shared, apart = pair(chip(mesh([0, 0], [1, 0], [2, 0]))), pair(chip(mesh([0, 0], [2, 1], [2, 0])))
    assert shared > 1.5
    assert apart < 1.1


def test_every_hop_costs_its_energy_for_every_byte():
    one, three = (result(chip(mesh(at, [1, 0], [0, 1]))) for at in ([0, 0], [2, 0]))
    moved = sum(stream.payload for choice in one.mapping.choices for stream in choice.streams if choice.layer.unit == "a")
    for found, hops in ((one, 1), (three, 3)):
        terms = [term for term in found.terms if term.component == "noc"]
        assert sum(term.count for term in terms) == moved * hops
    assert three.energy_by_component["noc"] == pytest.approx(3 * one.energy_by_component["noc"])


def test_a_link_carries_the_bytes_of_its_route_and_no_others():
    mapping = map_graph(GRAPH, chip(mesh([0, 0], [1, 0], [2, 0])))
    plan = mapping.plan()
    names = [resource.name for resource in plan.resources]
    carried = {name: int(plan.amount[plan.resource == names.index(name)].sum()) for name in names if name.startswith("noc:")}
    read = sum(s.payload for c in mapping.choices for s in c.streams if c.layer.unit == "a" and s.role != "output")
    written = sum(s.payload for c in mapping.choices for s in c.streams if c.layer.unit == "a" and s.role == "output")
    assert carried["noc:2,0>1,0"] == carried["noc:1,0>0,0"] == read
    assert carried["noc:0,0>1,0"] == carried["noc:1,0>2,0"] == written


def test_each_hop_adds_its_latency_once_to_a_transfer():
    # Layers of one piece: its reads, together, and its write pass two hops each.
    none, some = (map_graph(GRAPH, chip(mesh([0, 0], [1, 0], [2, 0], "15 TB/s", latency), "compiler.most_pieces=1")) for latency in ("0 s", "1 us"))
    late = compiled.simulate(some.plan()).makespan - compiled.simulate(none.plan()).makespan
    layers = sum(choice.layer.unit == "a" for choice in some.choices)
    assert late == pytest.approx(layers * 2 * 2 * 10**6, rel=0.02)


def test_links_of_a_route_work_at_the_same_time():
    plan = map_graph(GRAPH, chip(mesh([0, 0], [1, 0], [2, 0]))).plan()
    trace = compiled.simulate(plan)
    names = [resource.name for resource in plan.resources]
    first, second = (np.sort(trace.start[plan.resource == names.index(name)]) for name in ("noc:2,0>1,0", "noc:1,0>0,0"))
    assert np.array_equal(first, second)


def test_on_a_bus_everybody_meets_and_in_a_crossbar_only_at_the_memory():
    ports = "attaches: [a, b, sram], bandwidth: 8 GB/s, burst: 16"
    bus, crossbar = chip(f"{{kind: bus, {ports}}}"), chip(f"{{kind: crossbar, {ports}}}")
    assert {r.name for r in map_graph(GRAPH, bus).routes.resources if r.name.startswith("noc")} == {"noc"}
    assert result(bus).latency_s > result(crossbar).latency_s  # results leave while operands come
    assert pair(bus) > 1.5 and pair(crossbar) > 1.5


def test_a_network_may_move_bytes_between_memories_without_a_mover():
    over = ["links.dma=null", "links.noc={kind: bus, attaches: [dram, scratchpad], sources: [dram, scratchpad], targets: [scratchpad, dram], bandwidth: 3 GB/s, burst: 16}"]
    described = load_chip("systolic_npu", over)
    mapping = map_graph(load_graph("mobilenet_v2"), described)
    hops = [tuple(hop.place for hop in stream.hops) for choice in mapping.choices for stream in choice.streams if len(stream.hops) > 1]
    assert {("dram", "noc", "scratchpad")} <= set(hops) <= {("dram", "noc", "scratchpad"), ("scratchpad", "scratchpad", "noc", "dram")}
    assert result(described, "mobilenet_v2").latency_s > result(load_chip("systolic_npu"), "mobilenet_v2").latency_s


def test_a_cold_chip_loads_its_constants_over_the_network():
    over = "links.noc={kind: bus, attaches: [storage, dram, loader], bandwidth: 2 MB/s, burst: 16}"
    slow, plain = (result(load_chip("cortex_a53", more)) for more in ([over], []))
    assert slow.first_latency_s > plain.first_latency_s and slow.latency_s == plain.latency_s


def test_both_engines_make_the_same_trace_over_a_mesh():
    plan = map_graph(load_graph("mobilenet_v1_0_25"), chip(mesh([0, 0], [1, 0], [2, 1], latency="3 ns"))).plan(2)
    ours, reference = compiled.simulate(plan), event.simulate(plan)
    assert np.array_equal(ours.start, reference.start) and np.array_equal(ours.finish, reference.finish)


def test_power_over_a_network_integrates_to_its_energy():
    found = result(chip(mesh([0, 0], [1, 0], [2, 1])))
    power = power_over_time(found)
    assert (power.watts["noc"] * np.diff(power.edges)).sum() == pytest.approx(found.energy_by_component["noc"])


@pytest.mark.parametrize(
    ("network", "told"),
    [
        (mesh([0, 0], [3, 0], [2, 1]), "places.b \\[3, 0\\] is outside of 3 x 2 routers"),
        ("{kind: bus, attaches: [a, srm]}", "links.noc.attaches: 'srm' is not one of"),
        ("{kind: crossbar, attaches: [a]}", "attaches fewer than two things"),
        ("{kind: bus, attaches: [a, b], sources: [sram], targets: [sram]}", "links.noc.sources.0: 'sram' is not attached to it \\(name it under attaches"),
        ("{kind: mesh2d, columns: 2, rows: 2, places: {a: [0, -1], sram: [0, 0]}}", "links.noc.places.a"),
    ],
)
def test_a_wrong_network_is_refused_in_one_line(network, told):
    with pytest.raises(AccelsimError, match=told) as caught:
        chip(network)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("draw", ["roofline", "timeline", "bounds", "bandwidth", "layers"])
def test_a_chip_with_delays_and_links_is_drawn(draw, tmp_path):
    from accelsim.reports import figures

    getattr(figures, draw)(result(chip(mesh([0, 0], [1, 0], [2, 1], latency="3 ns")))).save(tmp_path / "figure.png")
