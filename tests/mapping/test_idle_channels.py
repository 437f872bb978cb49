"""Channels that hold one value: left out, the outputs stay bit for bit; what padding shows or another reader needs stays."""

import gc
import weakref

import numpy as np
import pytest

from accelsim.functional.interpreter import execute
from accelsim.graph.graph import Graph, Node
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.mapping.idle_channels import without_idle_channels
from accelsim.mapping.mapper import map_graph
from accelsim.operators import work_of
from accelsim.operators.conv2d import Attributes as Conv
from accelsim.operators.depthwise_conv2d import Attributes as Depthwise
from accelsim.pipeline import load_chip


def scale(zero_point: int = 0, channels: int = 1) -> Quantization:
    return Quantization(np.full(channels, 0.05, np.float32), np.full(channels, zero_point))


def network(seed: int, zero_filters=(1, 3), bias: int = -4000, depthwise_pads: bool = True, extra_output: bool = False) -> Graph:
    """Return 1 x 1, 3 x 3 depthwise and 1 x 1 layers of six channels, some filters of the first all zero."""
    draw = np.random.default_rng(seed)
    first = draw.integers(-127, 128, (6, 1, 1, 3), dtype=np.int8)
    first[list(zero_filters)] = 0
    biases = [draw.integers(-500, 500, n, dtype=np.int32) for n in (6, 6, 4)]
    biases[0][list(zero_filters)] = bias
    padding = "same" if depthwise_pads else "valid"
    size = 8 if depthwise_pads else 6
    tensors = [
        Tensor("x", (1, 8, 8, 3), "int8", scale(-3)), Tensor("a", (1, 8, 8, 6), "int8", scale(-128)), Tensor("b", (1, size, size, 6), "int8", scale(-128)),
        Tensor("y", (1, size, size, 4), "int8", scale(5)), Tensor("w0", first.shape, "int8", scale(channels=6), first),
        Tensor("w1", (1, 3, 3, 6), "int8", scale(channels=6), draw.integers(-127, 128, (1, 3, 3, 6), dtype=np.int8)),
        Tensor("w2", (4, 1, 1, 6), "int8", scale(channels=4), draw.integers(-127, 128, (4, 1, 1, 6), dtype=np.int8)),
        *(Tensor(f"b{i}", values.shape, "int32", None, values) for i, values in enumerate(biases)),
    ]  # fmt: skip
    nodes = (
        Node("first", "conv2d", ("x", "w0", "b0"), ("a",), Conv(padding="valid", activation="relu6")),
        Node("deep", "depthwise_conv2d", ("a", "w1", "b1"), ("b",), Depthwise(padding=padding, activation="relu6")),
        Node("last", "conv2d", ("b", "w2", "b2"), ("y",), Conv(padding="valid")),
    )
    return Graph("net", {t.name: t for t in tensors}, nodes, ("x",), ("y", "b") if extra_output else ("y",))


def answer(graph: Graph) -> dict[str, np.ndarray]:
    x = np.random.default_rng(9).integers(-128, 128, (1, 8, 8, 3), dtype=np.int8)
    return execute(graph, {"x": x})[0]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("bias", [-4000, 900, 0])
@pytest.mark.parametrize("pads", [True, False])
def test_the_network_without_idle_channels_answers_the_same(seed, bias, pads):
    graph = network(seed, bias=bias, depthwise_pads=pads)
    assert np.array_equal(answer(without_idle_channels(graph))["y"], answer(graph)["y"])


def test_filters_of_zeros_take_their_channels_through_the_depthwise_layer_with_them():
    narrow = without_idle_channels(network(0))
    assert [narrow.tensors[name].shape[3] for name in ("a", "b", "y")] == [4, 4, 4]
    assert [work_of(node, narrow)[0].macs for node in narrow.nodes] == [64 * 4 * 3, 64 * 4 * 9, 64 * 4 * 4]


def test_a_value_beside_zero_stays_where_padding_shows_its_edge():
    kept = [without_idle_channels(network(seed, bias=900)).tensors["b"].shape[3] for seed in range(8)]
    assert 6 in kept and min(kept) > 4  # some clamp to one value at the edge too


def test_a_value_beside_zero_goes_into_the_next_bias_where_nothing_is_padded():
    graph = network(0, bias=900, depthwise_pads=False)
    narrow = without_idle_channels(graph)
    assert narrow.tensors["b"].shape[3] == 4
    assert not np.array_equal(narrow.tensors["b2"].values, graph.tensors["b2"].values)


def test_what_the_network_gives_out_keeps_all_its_channels():
    graph = network(0, extra_output=True)
    assert without_idle_channels(graph) is graph


def test_a_network_without_zero_filters_is_left_as_it_is():
    graph = network(0, zero_filters=())
    assert without_idle_channels(graph) is graph


def test_of_a_layer_of_nothing_but_zeros_one_channel_stays():
    assert without_idle_channels(network(0, zero_filters=range(6))).tensors["a"].shape[3] == 1


def test_only_a_tool_chain_that_says_so_leaves_them_out():
    graph = network(0)
    done = {chip: sum(layer.macs for layer in map_graph(graph, load_chip(chip)).layers) for chip in ("stm32l4r5", "ra8d1")}
    assert done == {"stm32l4r5": 64 * 4 * 16, "ra8d1": 64 * 6 * 16}


@pytest.mark.parametrize("zero_filters", [(), (1, 3)])
def test_a_network_that_was_mapped_is_freed_with_its_last_reader(zero_filters):
    graph = network(0, zero_filters)
    chip = load_chip("stm32l4r5")
    assert chip.compiler.removes_idle_channels
    map_graph(graph, chip)
    seen = weakref.ref(graph)
    del graph
    gc.collect()
    assert seen() is None
