"""What a mapping must keep: every multiply-accumulate, every cycle, every byte at every hop, every need."""

import numpy as np
import pytest

from accelsim.engine import compiled
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.plan import COMPUTE, MILESTONE
from accelsim.operators import macs_of
from accelsim.pipeline import load_chip
from networks import chain, chip

PAIRS = [
    ("ethos_u55_256", "mobilenet_v2"), ("ethos_u65_512", "resnet18"), ("systolic_npu", "mobilenet_v2"), ("systolic_npu", "squeezenet1_1"),
    ("cortex_a53", "mobilenet_v1_0_25"), ("ethos_u55_32", "digits_cnn"), ("ethos_u65_512", "mobilenet_v2"),
]  # fmt: skip


@pytest.fixture(scope="module", params=PAIRS, ids=["-".join(pair) for pair in PAIRS])
def mapping(request):
    name, model = request.param
    return map_graph(load_graph(model), load_chip(name))


def test_layers_do_all_multiply_accumulates_of_the_network_and_no_more(mapping):
    assert sum(layer.macs for layer in mapping.layers) == macs_of(mapping.graph)


def test_every_node_belongs_to_one_layer(mapping):
    assert sorted(node.name for layer in mapping.layers for node in layer.nodes) == sorted(node.name for node in mapping.graph.nodes)


def test_compute_tasks_add_up_to_the_cycles_of_each_layer(mapping):
    plan = mapping.plan()
    for choice in mapping.choices:
        mine = (plan.layer == choice.layer.index) & (plan.role == COMPUTE)
        assert plan.amount[mine].sum() == choice.cost.cycles == sum(choice.group_cycles)
        assert mine.sum() == choice.groups * choice.pieces


def test_every_stream_carries_its_bytes_over_each_of_its_hops(mapping):
    plan = mapping.plan()
    for choice in mapping.choices:
        expected: dict[tuple[int, bool], int] = {}
        for stream in choice.streams:
            for hop, amount in zip(stream.hops, stream.amounts, strict=True):  # less before a cache that hits
                if hop.resource is not None:
                    expected[hop.resource, hop.write] = expected.get((hop.resource, hop.write), 0) + amount
        mine = (plan.layer == choice.layer.index) & (plan.role != COMPUTE) & (plan.role != MILESTONE)
        found: dict[tuple[int, bool], int] = {}
        for resource, write, amount in zip(plan.resource[mine].tolist(), plan.write[mine].tolist(), plan.amount[mine].tolist(), strict=True):
            found[resource, write] = found.get((resource, write), 0) + amount
        assert found == {key: total for key, total in expected.items() if key in found or total}


def test_every_operand_comes_at_least_once_and_every_result_leaves_once_or_more(mapping):
    for choice in mapping.choices:
        for role, tensors in (("input", choice.layer.inputs), ("constant", choice.layer.constants), ("output", choice.layer.outputs)):
            moved = sum(stream.payload for stream in choice.streams if stream.role == role)
            needed = 0 if role == "input" else sum(min(t.bytes, t.structure.stored_bytes if t.structure else t.bytes) for t in tensors)
            assert moved >= needed


def test_a_layer_computes_only_when_its_producers_are_done(mapping):
    plan = mapping.plan()
    trace = compiled.simulate(plan)
    written = {tensor.name: layer.index for layer in mapping.layers for tensor in layer.outputs}
    first, last = {}, {}
    for choice in mapping.choices:
        mine = np.flatnonzero((plan.layer == choice.layer.index) & ((plan.role == COMPUTE) | plan.write))
        computes = mine[plan.role[mine] == COMPUTE]
        first[choice.layer.index] = int(trace.start[computes].min())
        last[choice.layer.index] = int(trace.finish[mine].max())
    views = {layer.index: layer for layer in mapping.layers if layer.is_view}
    for choice in mapping.choices:
        for tensor in choice.layer.inputs:
            producer = written.get(tensor.name)
            while producer in views:
                producer = written.get(views[producer].inputs[0].name)
            cascade = mapping.homes.cascade_of(choice.layer.index)
            depth_first = cascade is not None and producer is not None and cascade.first <= producer  # stripe by stripe: test_cascades.py
            if producer is not None and not depth_first:
                assert first[choice.layer.index] >= last[producer]


def test_a_unit_works_through_each_layer_in_order(mapping):
    plan = mapping.plan()
    trace = compiled.simulate(plan)
    for choice in mapping.choices:
        mine = np.flatnonzero((plan.layer == choice.layer.index) & (plan.role == COMPUTE))
        assert (np.diff(trace.start[mine]) >= 0).all()


def test_tensors_that_live_at_one_time_never_share_a_byte(mapping):
    homes = mapping.homes
    names = [name for name in homes.lives if name in homes.offset]
    for i, one in enumerate(names):
        for other in names[:i]:
            if homes.memory[one] != homes.memory[other]:
                continue
            together = homes.lives[one][0] <= homes.lives[other][1] and homes.lives[other][0] <= homes.lives[one][1]
            apart = homes.offset[one] + homes.sizes[one] <= homes.offset[other] or homes.offset[other] + homes.sizes[other] <= homes.offset[one]
            assert apart or not together


def test_no_memory_holds_more_than_it_can(mapping):
    for name, memory in mapping.chip.memories.items():
        staging = max((c.staging_bytes for c in mapping.choices if mapping.chip.units[c.layer.unit].memories[0] == name), default=0)
        assert memory.capacity is None or mapping.homes.used(name) + staging <= memory.capacity


def test_the_predicted_bound_of_every_layer_is_its_busiest_server(mapping):
    for choice in mapping.choices:
        assert max(choice.bound.values()) <= choice.seconds * (1 + 1e-12)


def test_frames_repeat_one_inference_and_needs_never_point_back():
    mapped = map_graph(chain([8, 16, 16]), chip())
    one, three = mapped.plan(), mapped.plan(frames=3)
    assert three.tasks == 3 * one.tasks and np.array_equal(three.amount, np.tile(one.amount, 3))
    assert (three.frame == np.repeat([0, 1, 2], one.tasks)).all()


def test_mapping_twice_gives_the_same_plan():
    graph = load_graph("digits_cnn")
    one, other = (map_graph(graph, load_chip("ethos_u55_128")).plan() for _ in range(2))
    assert all(np.array_equal(getattr(one, key), getattr(other, key)) for key in ("resource", "amount", "write", "priority", "before", "after"))
