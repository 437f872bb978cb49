"""What the ONNX importer makes of small graphs, and what it refuses in one line."""

import numpy as np
import pytest
from tiny_onnx import graph_of, model, onnx, operators, write

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.importers import load_graph
from accelsim.importers.onnx import load_model
from accelsim.operators import macs_of

RNG = np.random.default_rng(0)
FILTERS = RNG.normal(size=(4, 3, 3, 3)).astype(np.float32)
SQUARE = RNG.normal(size=(4, 4, 1, 1)).astype(np.float32)
IMAGE = RNG.normal(size=(1, 3, 6, 6)).astype(np.float32)


def run(graph, **inputs):
    return execute(graph, inputs)[0][graph.outputs[0]]


def test_a_chain_of_convolutions_turns_its_layout_once_on_each_side():
    nodes = [("Conv", ["x", "w"], ["a"], {}), ("Sigmoid", ["a"], ["b"], {}), ("Conv", ["b", "v"], ["y"], {})]
    graph = graph_of(nodes, {"x": (1, 3, 6, 6)}, w=FILTERS, v=SQUARE)
    assert operators(graph) == ["transpose", "conv2d", "logistic", "conv2d", "transpose"]
    assert graph.tensors["x"].shape == (1, 3, 6, 6) and graph.tensors["y"].shape == (1, 4, 4, 4)


def test_a_transpose_in_the_file_that_makes_channels_last_costs_nothing():
    nodes = [("Conv", ["x", "w"], ["a"], {}), ("Transpose", ["a"], ["y"], {"perm": [0, 2, 3, 1]})]
    assert operators(graph_of(nodes, {"x": (1, 3, 6, 6)}, w=FILTERS)) == ["transpose", "conv2d", "reshape"]


def test_a_per_channel_constant_follows_the_layout():
    nodes = [("Conv", ["x", "w"], ["a"], {}), ("Mul", ["a", "s"], ["b"], {}), ("Conv", ["b", "v"], ["y"], {})]
    scale = RNG.normal(size=(4, 1, 1)).astype(np.float32)
    graph = graph_of(nodes, {"x": (1, 3, 6, 6)}, w=FILTERS, s=scale, v=SQUARE)
    assert operators(graph).count("transpose") == 2
    merged = graph_of([("Conv", ["x", "w"], ["a"], {}), ("Conv", ["a", "v"], ["y"], {})], {"x": (1, 3, 6, 6)}, w=FILTERS * scale[:, None], v=SQUARE)
    np.testing.assert_allclose(run(graph, x=IMAGE), run(merged, x=IMAGE), atol=1e-5)


def test_batch_normalisation_and_a_rectifier_vanish_into_the_convolution():
    numbers = {name: RNG.random(4).astype(np.float32) + 0.5 for name in ("g", "b", "m", "v")}
    tail = [("BatchNormalization", ["a", "g", "b", "m", "v"], ["n"], {}), ("Relu", ["n"], ["y"], {})]
    graph = graph_of([("Conv", ["x", "w"], ["a"], {}), *tail], {"x": (1, 3, 6, 6)}, w=FILTERS, **numbers)
    assert operators(graph) == ["transpose", "conv2d", "transpose"] and graph.nodes[1].attributes.activation == "relu"
    plain = run(graph_of([("Conv", ["x", "w"], ["y"], {})], {"x": (1, 3, 6, 6)}, w=FILTERS), x=IMAGE)
    column = {name: value.reshape(4, 1, 1) for name, value in numbers.items()}
    expected = np.maximum((plain - column["m"]) / np.sqrt(column["v"] + 1e-5) * column["g"] + column["b"], 0)
    np.testing.assert_allclose(run(graph, x=IMAGE), expected, atol=1e-5)


def test_a_convolution_that_two_nodes_read_keeps_its_own_result():
    nodes = [("Conv", ["x", "w"], ["a"], {}), ("Relu", ["a"], ["b"], {}), ("Add", ["a", "b"], ["y"], {})]
    assert "relu" in operators(graph_of(nodes, {"x": (1, 3, 6, 6)}, w=FILTERS))


def test_shapes_computed_in_the_file_are_constants():
    nodes = [("Shape", ["x"], ["s"], {}), ("Gather", ["s", "zero"], ["n"], {}), ("Unsqueeze", ["n", "axis"], ["u"], {}),
             ("Concat", ["u", "rest"], ["t"], {"axis": 0}), ("Reshape", ["x", "t"], ["y"], {})]  # fmt: skip
    graph = graph_of(nodes, {"x": ("batch", 2, 3)}, zero=np.array(0), axis=np.array([0]), rest=np.array([-1]))
    assert operators(graph) == ["reshape"] and graph.tensors["y"].shape == (1, 6)


def test_an_open_batch_is_one_and_any_other_open_extent_is_an_error():
    assert graph_of([("Relu", ["x"], ["y"], {})], {"x": ("n", 5)}).tensors["x"].shape == (1, 5)
    with pytest.raises(AccelsimError, match="input 'x': axis 1 has no extent"):
        graph_of([("Relu", ["x"], ["y"], {})], {"x": (1, "length")})


def test_weights_between_quantising_nodes_stay_integers():
    nodes = [("QuantizeLinear", ["x", "s", "z"], ["q"], {}), ("DequantizeLinear", ["q", "s", "z"], ["r"], {}),
             ("DequantizeLinear", ["w", "ws", "wz"], ["v"], {"axis": 0}), ("Conv", ["r", "v"], ["c"], {}),
             ("QuantizeLinear", ["c", "s", "z"], ["p"], {}), ("DequantizeLinear", ["p", "s", "z"], ["y"], {})]  # fmt: skip
    constants = {"s": np.float32(0.1), "z": np.int8(3), "w": np.ones((4, 3, 3, 3), np.int8), "ws": np.full(4, 0.01, np.float32), "wz": np.zeros(4, np.int8)}
    float_bias = graph_of(nodes, {"x": (1, 3, 6, 6)}, **constants)
    assert "conv2d" in operators(float_bias)
    convolution = next(node for node in float_bias.nodes if node.operator == "conv2d")
    assert [float_bias.tensors[name].dtype for name in (*convolution.inputs[:2], *convolution.outputs)] == ["int8", "int8", "int8"]


def test_a_long_short_term_memory_is_one_scan_per_direction():
    constants = {"w": RNG.normal(size=(2, 12, 5)), "r": RNG.normal(size=(2, 12, 3)), "b": RNG.normal(size=(2, 24))}
    nodes = [("LSTM", ["x", "w", "r", "b"], ["y"], {"hidden_size": 3, "direction": "bidirectional"})]
    graph = graph_of(nodes, {"x": (7, 1, 5)}, **{name: value.astype(np.float32) for name, value in constants.items()})
    assert operators(graph).count("lstm") == 2
    assert macs_of(graph) == 2 * 7 * 12 * (5 + 3)


def test_attention_counts_its_two_products():
    nodes = [("Attention", ["q", "k", "v"], ["y"], {"is_causal": 1})]
    graph = graph_of(nodes, {"q": (1, 8, 10, 16), "k": (1, 2, 12, 16), "v": (1, 2, 12, 32)}, opset=23)
    assert macs_of(graph) == 8 * 10 * 12 * 16 + 8 * 10 * 12 * 32


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([("Det", ["x"], ["y"], {})], "node 'Det_0' (Det): operator 'Det' is not supported"),
        ([("Relu", ["x"], ["y"], {"slope": 1.0})], "attribute slope is not supported"),
        ([("TopK", ["x", "x"], ["y", "i"], {})], "input 1 (k) is computed while the network runs"),
        ([("Softmax", ["absent"], ["y"], {})], "reads 'absent', which no earlier node writes"),
        ([("Transpose", ["x"], ["y"], {"perm": [0, 0]})], "no permutation"),
    ],
)
def test_what_cannot_be_computed_is_named(nodes, words):
    with pytest.raises(AccelsimError) as caught:
        graph_of(nodes, {"x": (2, 2)})
    assert words in str(caught.value) and "\n" not in str(caught.value) and str(caught.value).startswith("tiny.onnx: ")


def test_a_foreign_domain_and_an_old_opset_are_refused_by_name():
    proto = model([("Relu", ["x"], ["y"], {})], {"x": (1, 2)})
    proto.graph.node[0].domain = "ai.example"
    with pytest.raises(UnsupportedError, match="domain 'ai.example'"):
        load_model(proto, "tiny", "tiny.onnx")
    with pytest.raises(UnsupportedError, match="opset 5 is not supported"):
        graph_of([("Relu", ["x"], ["y"], {})], {"x": (1, 2)}, opset=5)


def test_an_old_opset_is_read_where_the_operator_has_not_changed_since():
    assert graph_of([("Relu", ["x"], ["y"], {})], {"x": (1, 2)}, opset=6).nodes


def test_truncated_and_foreign_files_are_one_line(tmp_path):
    path = write(tmp_path / "net.onnx", [("Conv", ["x", "w"], ["y"], {})], {"x": (1, 3, 6, 6)}, w=FILTERS)
    whole = path.read_bytes()
    assert load_graph(str(path)).name == "net"
    for content in (b"", b"PK\x03\x04 not a model", *(whole[:length] for length in range(1, len(whole), 97))):
        path.write_bytes(content)
        with pytest.raises(AccelsimError) as caught:
            load_graph(str(path))
        assert "\n" not in str(caught.value)


def test_values_in_another_file_are_refused():
    proto = model([("Add", ["x", "w"], ["y"], {})], {"x": (1, 2)}, w=np.zeros(2, np.float32))
    proto.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    with pytest.raises(UnsupportedError, match="its values lie in another file"):
        load_model(proto, "tiny", "tiny.onnx")
