"""What a compiler does in passing: sums behind products, scales, joins, tiles across layers; and a kernel's launch before its transfers."""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.engine import compiled
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Tensor
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.plan import COMPUTE, READ
from accelsim.operators import make_node, macs_of
from networks import UNIT, chain, chip

SIZE = (1, 8, 8, 16)


def residual(other_first: bool = True):
    """Return two convolutions of one input and their sum, whose other operand is made before or after."""
    weights = {name: Tensor(name, (16, 1, 1, 16), "int8", UNIT, np.ones((16, 1, 1, 16), np.int8)) for name in ("wa", "wb")}
    tensors = [Tensor(name, SIZE, "int8", UNIT) for name in ("x", "a", "b", "sum")]
    nodes = [make_node("conv2d", name, ["x", f"w{name}", None], [name], stride=(1, 1), padding="same") for name in "ab"]
    nodes.append(make_node("add", "sum", ["a", "b"] if other_first else ["b", "a"], ["sum"], activation="relu"))
    return make_graph("residual", [*weights.values(), *tensors], nodes, ["x"], ["sum"])


def joined():
    """Return two convolutions whose results are joined and read by a third."""
    shapes = {"wa": (16, 1, 1, 16), "wb": (16, 1, 1, 16), "wc": (8, 1, 1, 32)}
    weights = [Tensor(name, shape, "int8", UNIT, np.ones(shape, np.int8)) for name, shape in shapes.items()]
    tensors = [Tensor("x", SIZE, "int8", UNIT), Tensor("a", SIZE, "int8", UNIT), Tensor("b", SIZE, "int8", UNIT)]
    tensors += [Tensor("both", (1, 8, 8, 32), "int8", UNIT), Tensor("c", (1, 8, 8, 8), "int8", UNIT)]
    nodes = [make_node("conv2d", name, [source, f"w{name}", None], [name], stride=(1, 1), padding="same") for name, source in (("a", "x"), ("b", "x"), ("c", "both"))]
    nodes.insert(2, make_node("concatenation", "both", ["a", "b"], ["both"], axis=3))
    return make_graph("joined", [*weights, *tensors], nodes, ["x"], ["c"])


def moved(mapping, role: str) -> int:
    return sum(stream.payload for choice in mapping.choices for stream in choice.streams if stream.role == role)


@pytest.mark.parametrize("other_first", [True, False])
def test_the_later_of_two_products_adds_the_earlier_ones_result(other_first):
    apart, fused = (map_graph(residual(other_first), chip("jetson_agx_xavier", f"compiler.fuses_sums={on}", "units.gpu.l2_keeps=0.0")) for on in ("false", "true"))
    assert [layer.operator for layer in apart.layers] == ["conv2d", "conv2d", "add"]
    assert [layer.operator for layer in fused.layers] == ["conv2d", "conv2d+add"]
    size = np.prod(SIZE)
    # Apart, the sum reads both results and the later one is written and read once more.
    assert (moved(apart, "input"), moved(apart, "output")) == (4 * size, 3 * size)
    assert (moved(fused, "input"), moved(fused, "output")) == (3 * size, 2 * size)
    assert ("add_int32", size) in fused.choices[1].cost.actions


def test_a_fused_network_does_the_same_products_in_fewer_kernels():
    apart, fused = (map_graph(load_graph("resnet18"), chip("jetson_agx_xavier", f"compiler.fuses_sums={on}")) for on in ("false", "true"))
    assert sum(layer.macs for layer in fused.layers) == macs_of(fused.graph)
    assert len(apart.layers) - len(fused.layers) == 8  # one sum a basic block


KERNEL = "compiler.fused_kernels=[a..sum]"


def test_what_one_kernel_hands_to_itself_moves_nowhere():
    plain, one = (map_graph(residual(), chip("jetson_agx_xavier", *kernel, "units.gpu.l2_keeps=0.0")) for kernel in ((), (KERNEL,)))
    assert [layer.operator for layer in one.layers] == ["conv2d+conv2d+add"]
    size = np.prod(SIZE)
    assert (moved(plain, "input"), moved(plain, "output")) == (3 * size, 2 * size)
    assert (moved(one, "input"), moved(one, "output")) == (size, size)
    assert moved(one, "constant") == moved(plain, "constant")
    assert sum(layer.macs for layer in one.layers) == macs_of(one.graph) and ("add_int32", size) in one.choices[0].cost.actions
    assert one.choices[0].cost.cycles < sum(choice.cost.cycles for choice in plain.choices)


def test_a_kernel_that_reads_a_shortcut_from_outside_reads_it_once_and_sums_once():
    graph = load_graph("resnet50")
    mapping = map_graph(graph, chip("jetson_agx_xavier", "compiler.fused_kernels=[stage1.1/conv2d_2..stage1.1/add]", "units.gpu.l2_keeps=0.0"))
    layer = next(choice for choice in mapping.choices if choice.layer.name == "stage1.1/conv2d_2")
    wide, narrow = 56 * 56 * 256, 56 * 56 * 64
    assert {(stream.role, stream.payload) for stream in layer.streams if stream.role != "constant"} == {("input", narrow), ("input", wide), ("output", wide)}
    assert dict(layer.cost.actions)["add_int32"] == wide


def test_a_unit_without_such_kernels_does_the_nodes_one_by_one():
    mapping = map_graph(residual(), chip("jetson_agx_xavier", KERNEL, "compiler.unit_order=[dla0]"))
    assert [(layer.operator, layer.unit) for layer in mapping.layers] == [("conv2d", "dla0"), ("conv2d+add", "dla0")]


@pytest.mark.parametrize(
    ("runs", "told"),
    [("[a]", "is not FIRST..LAST"), ("[a..summ]", "did you mean 'sum'"), ("[sum..a]", "'a' comes before 'sum'"), ("[a..b]", "'a' is needed outside the run")],
)
def test_a_run_that_is_no_kernel_is_refused_in_one_line(runs, told):
    with pytest.raises(AccelsimError, match=told) as caught:
        map_graph(residual(), chip("jetson_agx_xavier", f"compiler.fused_kernels={runs}"))
    assert "\n" not in str(caught.value)


def test_a_run_with_a_node_that_no_such_kernel_does_is_refused_by_name():
    with pytest.raises(AccelsimError, match="'stem..stage1.2/add' in resnet50: no fused kernel does Window"):
        map_graph(load_graph("resnet50"), chip("jetson_agx_xavier", "compiler.fused_kernels=[stem..stage1.2/add]"))


def test_a_join_moves_nothing_where_its_parts_are_written_side_by_side():
    copied, in_place = (map_graph(joined(), chip("jetson_agx_xavier", f"compiler.joins_in_place={on}", "units.gpu.l2_keeps=0.0")) for on in ("false", "true"))
    both = 2 * np.prod(SIZE)
    assert moved(copied, "input") - moved(in_place, "input") == both == moved(copied, "output") - moved(in_place, "output")
    assert compiled.simulate(in_place.plan()).finish.max() < compiled.simulate(copied.plan()).finish.max()


def test_constants_too_wait_for_their_kernels_launch():
    mapping = map_graph(load_graph("resnet18"), chip("jetson_agx_xavier"))
    plan = mapping.plan()
    trace = compiled.simulate(plan)
    for choice in mapping.choices:
        mine = plan.layer == choice.layer.index
        if choice.cost.setup_cycles:
            launched = trace.finish[mine & (plan.role == COMPUTE)].min()
            assert (trace.start[mine & (plan.role == READ)] >= launched).all()
    assert plan.amount[plan.role == COMPUTE].sum() == sum(choice.cost.cycles for choice in mapping.choices)


def test_streams_at_three_quarters_of_a_channels_bandwidth_take_a_third_longer():
    whole, part = (map_graph(residual(), chip("jetson_agx_xavier", f"memories.dram.efficiency={share}")).routes for share in ("1.0", "0.75"))
    assert part.seconds(part.index["dram"], 1 << 20) == pytest.approx(4 / 3 * whole.seconds(whole.index["dram"], 1 << 20))


def test_maps_that_are_tiled_across_layers_stay_in_their_first_home():
    graph = chain([8, 32, 32, 8], size=64)
    room = ("memories.dram.capacity=1 GiB", "placement.activations=[scratchpad, dram]", "memories.scratchpad.capacity=96 KiB")
    spilled, tiled = (map_graph(graph, chip("systolic_npu", *room, f"compiler.tiles_across_layers={on}")) for on in ("false", "true"))
    maps = ("x1", "x2")
    assert "dram" in {spilled.homes.memory[name] for name in maps}
    assert {tiled.homes.memory[name] for name in maps} == {"scratchpad"}
    assert tiled.homes.used("scratchpad") <= 96 * 1024
