"""One network in stages: is every byte handed over, in the right order, and is the cut the best one?"""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled, event
from accelsim.functional.evaluate import random_inputs
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Tensor
from accelsim.importers import load_graph
from accelsim.mapping.cuts import best_cut, handed_bytes, handed_over, stated_cut, why_not
from accelsim.mapping.stages import map_stages, parts_of
from accelsim.mapping.together import as_seen_with
from accelsim.operators import make_node
from accelsim.pipeline import best_mapping, load_chip
from networks import UNIT, chain

XAVIER = "jetson_agx_xavier"


def staged(model: str, *units: str, cut: tuple[str, ...] = (), chip: str = XAVIER, overrides: tuple[str, ...] = ()):
    graph, here, own = load_graph(model), load_chip(chip, overrides), [tuple(names.split("+")) for names in units]
    found = stated_cut(graph, own, cut) if cut or len(own) == 1 else best_cut(graph, here, own, best_mapping)
    return map_stages(graph, here, found, best_mapping)


def bytes_at(mapping, tensor: str, role: str, memory: str) -> int:
    """Return what a network's layers move of a tensor at a memory [B]."""
    streams = [stream for choice in mapping.choices for stream in choice.streams if (stream.tensor, stream.role) == (tensor, role)]
    return sum(amount for stream in streams for hop, amount in stream.loads if hop.place == memory)


def test_one_stage_is_the_plan_of_the_network_alone():
    stages = staged("mobilenet_v2", "gpu")
    ours, plain = stages.plan(3)[0], best_mapping(load_graph("mobilenet_v2"), as_seen_with(load_chip(XAVIER), ("gpu",))).plan(3)
    for name in ("resource", "amount", "write", "role", "layer", "frame", "priority", "release", "before", "after", "starts", "ends"):
        assert np.array_equal(getattr(ours, name), getattr(plain, name)), name


@pytest.mark.parametrize("begins", [(0, 4), (0, 2, 6), (0, 1, 2, 3, 4, 5, 6, 7, 8)])
def test_the_parts_one_after_the_other_compute_what_the_whole_computes(begins):
    graph = load_graph("digits_cnn")
    values = random_inputs(graph, 0)
    whole, _, _ = execute(graph, values)
    for part in parts_of(graph, begins):
        values, _, _ = execute(part, values)
    assert set(values) == set(whole) and all(np.array_equal(values[name], whole[name]) for name in whole)


@pytest.mark.parametrize("units", [("gpu", "dla0"), ("dla0", "gpu"), ("gpu", "dla0", "dla1")])
@pytest.mark.parametrize("model", ["digits_cnn", "mobilenet_v2"])
def test_what_is_handed_over_is_written_once_and_read_though_a_gpu_keeps_it_in_its_cache(model, units):
    stages = staged(model, *units)
    for k, tensors in enumerate(stages.handed):
        first, second = stages.neighbours.mappings[k : k + 2]
        assert tensors and set(tensors) == set(first.graph.outputs) == set(second.graph.inputs)
        for name, size in tensors.items():
            readers = {name, *(o.name for layer in second.layers if layer.is_view and name in (t.name for t in layer.inputs) for o in layer.outputs)}
            assert bytes_at(first, name, "output", stages.memory) == size
            assert sum(bytes_at(second, reader, "input", stages.memory) for reader in readers) >= size


def test_a_join_that_nobody_moves_is_handed_over_by_those_who_make_its_parts():
    graph = load_graph("googlenet")
    join = next(node for node in graph.nodes if node.operator == "concatenation")
    after = graph.nodes[graph.nodes.index(join) + 1].name
    first, second = staged("googlenet", "gpu", "dla0", cut=(after,)).neighbours.mappings
    parts = [name for name in join.inputs if name is not None]
    assert first.graph.outputs == join.outputs
    assert all(bytes_at(first, part, "output", "dram") == graph.tensors[part].bytes for part in parts)
    assert bytes_at(second, join.outputs[0], "input", "dram") >= graph.tensors[join.outputs[0]].bytes


def test_of_a_join_behind_the_cut_what_was_handed_over_is_read():
    graph = load_graph("googlenet")
    join = next(node for node in graph.nodes if node.operator == "concatenation")
    stages = staged("googlenet", "dla0", "gpu", cut=(join.name,))
    second = stages.neighbours.mappings[1]
    assert set(stages.handed[0]) == set(join.inputs)
    first_reader = next(choice for choice in second.choices if any(stream.tensor == join.outputs[0] for stream in choice.streams))
    assert sum(stream.payload for stream in first_reader.streams if stream.tensor == join.outputs[0]) >= sum(stages.handed[0].values())


def test_what_is_handed_over_is_bound_to_the_last_home_of_activations():
    stages = staged("mobilenet_v2", "ane", "amx", chip="apple_a13")
    assert stages.memory == "dram"
    assert {mapping.homes.memory[name] for k, mapping in enumerate(stages.neighbours.mappings) for name in (stages.handed[0] if k < 2 else ())} == {"dram"}


@pytest.mark.parametrize("units", [("gpu", "dla0"), ("dla0", "gpu", "dla1")])
def test_a_stage_waits_for_the_one_before_and_for_a_free_buffer(units):
    stages = staged("digits_cnn", *units)
    frames, count = 9, len(units)
    trace = compiled.simulate(stages.plan(frames)[0])
    begun, ended = (trace.finish[milestones.reshape(count, frames)] for milestones in (trace.plan.starts, trace.plan.ends))
    for k in range(count - 1):
        assert (begun[k + 1] >= ended[k]).all()
        buffers = sum(mapping.in_flight for mapping in stages.neighbours.mappings[k : k + 2])
        assert (begun[k, buffers:] >= ended[k + 1, : frames - buffers]).all()


@pytest.mark.parametrize("units", [("gpu", "dla0"), ("dla1", "dla0"), ("dla0", "gpu", "dla1")])
@pytest.mark.parametrize("model", ["digits_cnn", "mobilenet_v2"])
def test_in_stages_it_is_no_faster_than_any_stage_alone_and_no_slower_than_all_in_sequence(model, units):
    stages, frames = staged(model, *units), 8
    joint = compiled.simulate(stages.plan(frames)[0])
    alone = [compiled.simulate(mapping.plan(frames)).makespan for mapping in stages.neighbours.mappings]
    once = [compiled.simulate(mapping.plan()).makespan for mapping in stages.neighbours.mappings]
    assert max(alone) <= joint.makespan <= sum(alone)
    for k, whole in enumerate(alone):  # what comes before the slowest stage and behind it cannot be hidden
        assert whole + sum(once[:k]) <= joint.makespan
    first = compiled.simulate(stages.plan(1)[0])
    assert first.makespan == pytest.approx(sum(once), rel=1e-3)  # nobody else is there; only edges of clocks lie elsewhere


@pytest.mark.parametrize("overrides", [(), ("memories.dram={kind: dram, part: lpddr4_3200_x16, capacity: 1 GiB}",)])
def test_both_engines_make_the_same_trace_of_a_network_in_stages(overrides):
    plan, _ = staged("digits_cnn", "gpu", "dla0", overrides=overrides).plan(4)
    ours, reference = compiled.simulate(plan), event.simulate(plan)
    assert np.array_equal(ours.start, reference.start) and np.array_equal(ours.finish, reference.finish)


@pytest.mark.parametrize("units", [("gpu", "dla0"), ("dla0", "dla1"), ("dla1", "gpu", "dla0")])
def test_the_cut_is_the_one_of_the_fastest_slowest_stage(units):
    graph, chip = load_graph("digits_cnn"), load_chip(XAVIER)
    own = [(name,) for name in units]
    found = best_cut(graph, chip, own, best_mapping)
    mappings = [best_mapping(graph, as_seen_with(chip, names)) for names in own]
    position = {node.name: i for i, node in enumerate(graph.nodes)}
    torn = {k for mapping in mappings for layer in mapping.layers for k in range(min(position[n.name] for n in layer.nodes) + 1, max(position[n.name] for n in layer.nodes) + 1)}

    def slowest(begins):
        edges = (0, *begins, len(graph.nodes))
        return max(sum(c.seconds for c in mapping.choices if a <= position[c.layer.name] < b) for mapping, a, b in zip(mappings, edges[:-1], edges[1:], strict=True))

    ways = combinations([k for k in range(1, len(graph.nodes)) if k not in torn], len(units) - 1)
    view = next(i for i, node in enumerate(graph.nodes) if node.operator == "reshape")
    busy = [way for way in ways if not any(a == view and b == view + 1 for a, b in zip(way, way[1:], strict=False))]
    assert slowest(found.begins[1:]) == pytest.approx(min(slowest(way) for way in busy))


def test_no_order_of_units_is_stated_and_the_best_of_all_is_taken():
    graph, chip = load_graph("mobilenet_v2"), load_chip(XAVIER)
    free = best_cut(graph, chip, (), best_mapping)
    for units in ((("gpu",),), (("gpu",), ("dla0",)), (("dla0",), ("gpu",)), (("dla1",), ("gpu",), ("dla0",))):
        assert free.predicted_s <= best_cut(graph, chip, units, best_mapping).predicted_s


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=3, max_size=8), st.data())
def test_of_a_chain_just_the_tensor_between_is_handed_over(channels, data):
    graph = chain(channels)
    begin = data.draw(st.integers(1, len(graph.nodes) - 1))
    assert handed_over(graph, begin) == (f"x{begin}",)
    assert handed_bytes(graph, begin) == 64 * channels[begin]


def branched(state: bool = False):
    """Return a sum of a tensor and its rectified self, whose first result is an output too."""
    shape = (1, 4, 4, 8)
    tensors = [Tensor(name, shape, "int8", UNIT) for name in ("x", "a", "b")] + [Tensor("s", shape, "int8", UNIT, is_state=state), Tensor("c", shape, "int8", UNIT)]
    nodes = [make_node("relu", "first", ["x"], ["s" if state else "a"]), make_node("relu", "second", ["s" if state else "a"], ["b"]), make_node("add", "third", ["x", "b"], ["c"])]
    return make_graph("branched", tensors, nodes, ["x"], ["c"] if state else ["c", "a"])


def test_what_a_stage_does_not_read_passes_through_it():
    parts = parts_of(branched(), (0, 1, 2))
    assert [part.inputs for part in parts] == [("x",), ("x", "a"), ("x", "a", "b")]
    assert parts[0].outputs == parts[1].inputs and parts[1].outputs == parts[2].inputs and parts[2].outputs == ("c", "a")


def test_state_of_two_stages_and_what_callers_have_elsewhere_forbid_a_cut():
    chip = load_chip(XAVIER)
    assert "state 's'" in why_not(branched(state=True), chip, 1)
    assert not why_not(branched(), chip, 1)
    near = load_chip("apple_a13", ["placement.inputs=buffer"])
    assert "input of the network" in why_not(branched(), near, 1)
    near = load_chip("apple_a13", ["placement.outputs=buffer"])
    assert "output of the network" in why_not(branched(), near, 1)
    with pytest.raises(AccelsimError, match="from node 'second' on: an earlier stage"):
        map_stages(branched(), near, stated_cut(branched(), [("ane",), ("amx",)], ("second",)), best_mapping)


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        (("conv2d_9",), "'conv2d_9' is not one of"),
        (("conv2d_0",), "do not follow one another"),
        (("conv2d_2", "add_5"), "names 2 nodes for 2 stages"),
    ],
)
def test_a_stated_cut_that_cannot_be_is_refused_in_one_line(nodes, told):
    with pytest.raises(AccelsimError, match=told) as caught:
        stated_cut(load_graph("digits_cnn"), [("gpu",), ("dla0",)], nodes)
    assert "\n" not in str(caught.value)


def test_a_stage_that_only_looks_at_bytes_is_refused():
    with pytest.raises(AccelsimError, match="the stage from node 'reshape_6' on: has nothing to do"):
        staged("digits_cnn", "gpu", "dla0", "gpu", cut=("reshape_6", "fully_connected_7"))


def test_without_a_host_a_stage_gets_only_what_its_unit_does():
    graph = load_graph("digits_cnn")
    hostless = load_chip(XAVIER, ["host=null", "units.gpu.core_rates={float32: 64.0}", "units.gpu.tensor_rates={float16: 512.0}"])
    with pytest.raises(AccelsimError, match="no cut leaves 1 stages work that their units do"):
        best_cut(graph, hostless, [("gpu",)], best_mapping)
