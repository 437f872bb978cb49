"""Layers between signs are computed as one, and nobody can tell from any tensor."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.base.errors import UnsupportedError
from accelsim.functional.evaluate import random_inputs
from accelsim.functional.interpreter import execute, run_node
from accelsim.functional.sign_chains import sign_chains
from accelsim.graph.activity import count_toggles
from accelsim.graph.graph import Graph, make_graph
from accelsim.graph.numerics import Numerics
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.kernels.register_tiles import has_byte_products
from accelsim.operators import _sign_limits, load, make_node

SIGNS = np.int8([-1, 1])
HALVES = Quantization(np.float32([0.5]), np.int64([3]))
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")


class Network:
    """A graph in the making; each method adds a layer behind the last one."""

    def __init__(self, shape, dtype="binary", seed=0):
        self.rng = np.random.default_rng(seed)
        self.tensors = {"in": Tensor("in", shape, dtype, HALVES if dtype == "int8" else None)}
        self.nodes, self.last = [], "in"

    def add(self, operator, into, *constants, **attributes):
        names = [f"c{len(self.tensors)}.{i}" for i, _ in enumerate(constants)]
        self.tensors |= {name: Tensor(name, values.shape, kind, None, values) for name, (values, kind) in zip(names, constants, strict=True)}
        name = f"{operator}{len(self.nodes)}"
        node = make_node(operator, name, [self.last, *names], [name], **attributes)
        (shape,) = load(operator).output_shapes(node, [self.tensors[n] for n in node.inputs])
        self.tensors[name], self.last = Tensor(name, shape, into), name
        self.nodes.append(node)
        return self

    @property
    def shape(self):
        return self.tensors[self.last].shape

    def convolved(self, filters, edge, into="int32", **attributes):
        taken = min(edge, *self.shape[1:3])
        weights = self.rng.choice(SIGNS, (filters, taken, taken, self.shape[3]))
        return self.add("conv2d", into, (weights, "binary"), **attributes)

    def convolved_bytes(self, filters, edge, **attributes):
        weights = self.rng.integers(-3, 4, (filters, edge, edge, self.shape[3])).astype(np.int8)
        return self.add("conv2d", "int32", (weights, "int8"), **attributes)

    def multiplied(self, filters, into="int32"):
        return self.add("fully_connected", into, (self.rng.choice(SIGNS, (filters, int(np.prod(self.shape[1:])))), "binary"))

    def compared(self):
        limits = self.rng.integers(-9, 10, (self.shape[-1], 1)).astype(np.int32)
        return self.add("multi_threshold", "binary", (limits, "int32"))

    def normalised(self):
        scales, offsets = (self.rng.standard_normal(self.shape[-1]).astype(np.float32) for _ in range(2))
        self.add("mul", "float32", (scales, "float32")).add("add", "float32", (offsets, "float32"))
        return self.add("quantize_few_bits", "binary", rounding="sign")

    def pooled(self):
        return self.add("max_pool2d", "binary", window=(2, 2), stride=(2, 2), padding="same")

    def graph(self, *outputs) -> Graph:
        return make_graph("net", self.tensors.values(), self.nodes, ["in"], [*outputs, self.last])


def inputs_of(graph):
    (name,), tensor = graph.inputs, graph.tensors["in"]
    return {name: np.random.default_rng(5).choice(SIGNS, tensor.shape)} if tensor.dtype == "binary" else random_inputs(graph)


def check(graph: Graph) -> list[int]:
    """Compare every tensor with node after node by itself; return the numbers of nodes of the chains."""
    values = inputs_of(graph)
    outputs, _, activity = execute(graph, values)
    for node in graph.nodes:
        run_node(graph, node, values, graph.numerics)
    assert {*activity.values} == {*values}
    assert len(activity.values) == len(values)
    for name, expected in values.items():
        found = activity.value(name)
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        np.testing.assert_array_equal(found, expected)
    assert all(np.array_equal(outputs[name], values[name]) for name in graph.outputs)
    return [len(chain.nodes) for chain in sign_chains(graph, graph.numerics)]


LAYER = st.tuples(st.sampled_from([3, 16, 64, 70, 128]), st.integers(1, 3), st.booleans(), st.booleans())


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([5, 64, 130]), st.lists(LAYER, min_size=1, max_size=3), st.booleans(), st.booleans(), st.integers(0, 99))
def test_every_tensor_of_a_binary_network_is_what_its_nodes_give_one_by_one(channels, layers, bytes_first, flattened, seed):
    net = Network((2, 7, 8, channels), "int8" if bytes_first else "binary", seed)
    if bytes_first:
        net.convolved_bytes(30, 3, stride=(1, 2), padding="same").compared()
    for filters, edge, normalised, pooled in layers:
        net.convolved(filters, edge, "float32" if normalised else "int32")
        net = net.normalised() if normalised else net.compared()
        net = net.pooled() if pooled else net
    if flattened:
        net.add("reshape", "binary", shape=(2, -1)).multiplied(20).compared().multiplied(3)
    check(net.graph())


def test_a_network_of_signs_is_one_chain():
    net = Network((1, 9, 9, 64)).convolved(64, 3).compared().pooled().convolved(128, 3, "float32").normalised()
    assert check(net.add("reshape", "binary", shape=(1, -1)).multiplied(10).graph()) == [9]


@pytest.mark.skipif(not has_byte_products(), reason="this processor, or the mode without compiler, multiplies no bytes")
def test_a_first_layer_of_bytes_belongs_to_the_chain():
    net = Network((1, 6, 6, 3), "int8").convolved_bytes(64, 3).compared().convolved(64, 2).compared()
    assert check(net.graph()) == [4]


def test_a_chain_ends_where_words_would_have_to_be_packed_anew():
    net = Network((1, 4, 4, 8)).convolved(8, 2).compared()
    assert check(net.multiplied(10).compared().graph()) == [2, 2]


def test_a_chain_ends_where_a_network_gives_its_signs_away():
    net = Network((1, 6, 6, 8)).convolved(8, 2).compared()
    inner = net.last
    assert check(net.convolved(8, 2).compared().graph(inner)) == [2, 2]


def test_sums_that_another_node_reads_are_in_no_chain():
    net = Network((1, 6, 6, 8)).convolved(8, 2)
    sums = net.last
    assert check(net.compared().graph(sums)) == []


def test_a_border_of_zeros_is_neither_sign_and_in_no_chain():
    assert check(Network((1, 6, 6, 8)).convolved(8, 3, padding="same").compared().graph()) == []


def test_signs_that_change_twice_are_no_single_comparison():
    net = Network((1, 4, 4, 8)).convolved(8, 1, "float32")
    net.add("mul", "float32", (np.float32([[[[-1.0] * 8]]]), "float32"))
    node = net.nodes.pop()
    net.nodes.append(make_node("div", node.name, reversed(node.inputs), node.outputs))  # a constant divided by the sum
    net.add("add", "float32", (np.full(8, 0.3, np.float32), "float32")).add("quantize_few_bits", "binary", rounding="sign")
    with np.errstate(all="ignore"):
        assert check(net.graph()) == []


def test_a_negative_scale_turns_the_comparison_round():
    weights, image = np.int8([[1, 1, 1]]), np.int8([[1, 1, 1], [-1, -1, -1]])
    net = Network((2, 3)).add("fully_connected", "float32", (weights, "binary"))
    net.add("mul", "float32", (np.float32([-2]), "float32")).add("quantize_few_bits", "binary", rounding="sign")
    assert execute(net.graph(), {"in": image})[0][net.last].tolist() == [[-1], [1]]


def test_sums_too_many_to_try_stay_single_nodes(monkeypatch):
    monkeypatch.setattr(_sign_limits, "LARGEST_TABLE", 8)
    assert check(Network((1, 6, 6, 8)).convolved(8, 2).compared().graph()) == []


def test_progress_names_every_node_of_a_chain():
    graph, names = Network((1, 6, 6, 8)).convolved(8, 2).compared().pooled().graph(), []
    execute(graph, inputs_of(graph), on_node=names.append)
    assert names == [node.name for node in graph.nodes]


def test_switching_inside_a_chain_is_counted_from_its_values():
    graph = Network((1, 6, 6, 8)).convolved(8, 2).compared().pooled().graph()
    values = inputs_of(graph)
    _, _, activity = execute(graph, values)
    for node in graph.nodes[:2]:
        run_node(graph, node, values, graph.numerics)
        (name,) = node.outputs
        assert activity.toggles(name) == count_toggles(values[name], "memory", 1) > 0


def test_narrow_accumulators_are_refused_inside_chains_too():
    graph = Network((1, 6, 6, 8)).convolved(8, 2).compared().graph()
    with pytest.raises(UnsupportedError, match="16 bits"):
        execute(graph, inputs_of(graph), numerics=Numerics(accumulator_bits=16))
