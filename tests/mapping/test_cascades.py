"""Layers done depth first: rows made once and in time, buffers no larger than what is still needed, bytes that stay near the unit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.engine import compiled, event
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Tensor
from accelsim.importers import load_graph
from accelsim.mapping.cascades import in_stripes
from accelsim.mapping.layers import layers_of
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.plan import COMPUTE
from accelsim.operators import make_node
from accelsim.pipeline import load_chip
from networks import UNIT, chip

SMALL = ("memories.sram.capacity=32 KiB", "compiler.weight_coding=plain")


def convolutions(shapes: list[tuple[int, int, int]], size: int, channels: int = 16):
    """Return convolutions one after another, each of (filter, stride, dilation)."""
    tensors, nodes = [Tensor("x0", (1, size, size, channels), "int8", UNIT)], []
    for i, (filter_, stride, dilation) in enumerate(shapes, start=1):
        size = -(-size // stride)
        values = np.ones((channels, filter_, filter_, channels), np.int8)
        tensors += [Tensor(f"w{i}", values.shape, "int8", UNIT, values), Tensor(f"x{i}", (1, size, size, channels), "int8", UNIT)]
        nodes.append(make_node("conv2d", f"layer{i}", [f"x{i - 1}", f"w{i}", None], [f"x{i}"], stride=(stride, stride), dilation=(dilation, dilation), padding="same"))
    return make_graph("convolutions", tensors, nodes, ["x0"], [f"x{len(shapes)}"])


def cascaded(*overrides: str):
    return map_graph(convolutions([(1, 1, 1), (3, 1, 1), (3, 2, 1)], 48), chip("ethos_u65_256", *SMALL, *overrides))


def rows_read(work, row: int) -> list[int]:
    """Return the input rows of an output row, those outside the image left out."""
    first = row * work.stride_h - work.pad_top
    return [r for k in range(work.filter_h) if 0 <= (r := first + k * work.dilation_h) < work.in_h]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 3, 5]), st.sampled_from([1, 2]), st.sampled_from([1, 2])), min_size=2, max_size=4), st.integers(9, 40), st.integers(1, 8))
def test_every_row_is_made_once_and_in_time_and_a_buffer_holds_just_what_is_still_needed(shapes, size, height):
    shapes = [(filter_, stride, 1 if stride > 1 else dilation) for filter_, stride, dilation in shapes]
    graph = convolutions(shapes, size)
    layers = layers_of(graph, load_chip("ethos_u65_256"))
    height = min(height, layers[-1].outputs[0].shape[1])
    cascade = in_stripes(layers, height, graph)
    held = dict.fromkeys((name for name, _ in cascade.rolling), 0)
    made = [0] * len(layers)
    for stripe in range(len(cascade.rows[0])):
        before = list(made)
        for i, layer in enumerate(layers):
            made[i] += cascade.rows[i][stripe]
            if i:  # the rows of this stripe find their inputs
                assert all(r < made[i - 1] for row in range(before[i], made[i]) for r in rows_read(layer.works[0], row))
        for i, reader in enumerate(layers[1:]):
            still = [r for row in range(before[i + 1], reader.works[0].out_h) for r in rows_read(reader.works[0], row)]
            first = min(still, default=made[i])
            name = layers[i].outputs[0].name
            held[name] = max(held[name], made[i] - min(first, made[i]))
    assert made == [layer.outputs[0].shape[1] for layer in layers]
    for name, size_of in cascade.rolling:
        assert size_of == held[name] * (graph.tensors[name].bytes // graph.tensors[name].shape[1])


def test_what_passes_between_layers_never_leaves_the_working_memory():
    mapping = cascaded()
    assert [(cascade.first, cascade.last) for cascade in mapping.homes.cascades] == [(0, 2)]
    assert mapping.homes.memory["x1"] == mapping.homes.memory["x2"] == "sram"
    far = {stream.tensor for choice in mapping.choices for stream in choice.streams if any(hop.place == "dram" for hop in stream.hops)}
    assert far == {"x0", "x3", "w1", "w2", "w3"}


def test_a_chip_whose_tool_chain_knows_no_cascades_sends_it_to_dram_and_back():
    mapping = cascaded("compiler.cascading=false")
    assert mapping.homes.cascades == () and mapping.homes.memory["x1"] == "dram"


def test_with_room_for_all_nothing_is_done_depth_first():
    assert cascaded("memories.sram.capacity=1 MiB").homes.cascades == ()


def test_buffers_weights_and_pieces_of_all_layers_of_a_cascade_fit_together():
    for graph, kib in ((convolutions([(3, 1, 1), (3, 1, 1), (3, 2, 1), (1, 1, 1)], 64), 80), (load_graph("mobilenet_v2"), 256)):
        mapping = map_graph(graph, chip("ethos_u65_256", f"memories.sram.capacity={kib} KiB"))
        assert mapping.homes.cascades
        for cascade in mapping.homes.cascades:
            staged = sum(choice.staging_bytes for choice in mapping.choices if cascade.first <= choice.layer.index <= cascade.last)
            assert mapping.homes.used("sram") + staged <= kib * 1024


@pytest.fixture(scope="module", params=["convolutions", "mobilenet_v2"])
def traced(request):
    mapping = cascaded() if request.param == "convolutions" else map_graph(load_graph("mobilenet_v2"), load_chip("ethos_u65_512"))
    plan = mapping.plan()
    return mapping, plan, compiled.simulate(plan)


def stripes_of(mapping, plan, cascade, index):
    """Yield the stripe and the numbers of its compute tasks, and of its writes."""
    choice = next(choice for choice in mapping.choices if choice.layer.index == index)
    tasks = np.flatnonzero((plan.layer == index) & (plan.role == COMPUTE)).reshape(choice.groups, choice.pieces)
    busy = [stripe for stripe, rows in enumerate(cascade.rows_of(index)) if rows]
    return dict(zip(busy, tasks, strict=True))


def test_a_stripe_is_read_when_it_has_been_made_and_overwritten_when_it_has_been_read(traced):
    mapping, plan, trace = traced
    assert mapping.homes.cascades
    for cascade in mapping.homes.cascades:
        stripes = {index: stripes_of(mapping, plan, cascade, index) for index in range(cascade.first, cascade.last + 1)}
        for index in range(cascade.first + 1, cascade.last + 1):
            for stripe, tasks in stripes[index].items():
                maker = stripes[index - 1]
                ready = [s for s in maker if s <= stripe]
                assert trace.start[tasks].min() >= trace.finish[maker[max(ready)]].max()
                later = [s for s in maker if s > stripe]
                assert not later or trace.start[maker[min(later)]].min() >= trace.finish[tasks].max()


def test_both_engines_run_a_cascade_alike(traced):
    _, plan, trace = traced
    other = event.simulate(plan)
    assert (trace.start == other.start).all() and (trace.finish == other.finish).all()


def test_a_cascade_does_all_multiply_accumulates_and_writes_every_byte_once(traced):
    mapping, plan, _ = traced
    for choice in mapping.choices:
        mine = (plan.layer == choice.layer.index) & (plan.role == COMPUTE)
        assert plan.amount[mine].sum() == choice.cost.cycles
        if choice.order == "cascade":
            assert dict(choice.cost.actions)["mac_int8"] == choice.layer.macs
            assert sum(stream.payload for stream in choice.streams if stream.role == "output") == choice.layer.outputs[0].bytes


def test_depth_first_saves_dram_traffic_and_time_where_feature_maps_are_large():
    deep, wide = (map_graph(load_graph("mobilenet_v2"), load_chip("ethos_u65_512", [f"compiler.cascading={on}"])) for on in ("true", "false"))
    moved = [sum(amount for choice in m.choices for stream in choice.streams for hop, amount in stream.loads if hop.place == "dram") for m in (deep, wide)]
    taken = [int(compiled.simulate(m.plan()).finish.max()) for m in (deep, wide)]
    assert moved[0] < 0.8 * moved[1] and taken[0] < 0.9 * taken[1]
