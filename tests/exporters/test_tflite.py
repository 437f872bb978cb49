"""Does the reference runtime read what is written, and compute from it what the interpreter computes?"""

import numba
import numpy as np
import pytest

from accelsim.base.errors import UnsupportedError
from accelsim.exporters.tflite import encode, save
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.importers.recipes import load_recipe
from accelsim.operators import make_node

# Between them every operator of the writer that a recipe has, (LiteRT aborts on a mean over one pixel, so inputs are not the very smallest).
NETWORKS = {"mobilenet_v1_0_25": 64, "mobilenet_v2": 64, "squeezenet1_0": 63, "yolo_v2_tiny": 64, "yolo_v3_tiny": 64, "ssd_mobilenet_v1_0_75": 128}
whole_network = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="a whole network takes minutes without the JIT")


def reference_tensors(graph, value):
    """Return every tensor that LiteRT's reference kernels compute, by name."""
    runtime = pytest.importorskip("ai_edge_litert.interpreter", reason="the reference runtime is optional (extra 'conformance')")
    kernels = runtime.OpResolverType.BUILTIN_REF
    content = encode(graph)
    interpreter = runtime.Interpreter(model_content=content, experimental_op_resolver_type=kernels, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], value)
    interpreter.invoke()
    return {detail["name"]: interpreter.get_tensor(detail["index"]) for detail in interpreter.get_tensor_details() if detail["name"] in graph.tensors}


@whole_network
@pytest.mark.conformance
@pytest.mark.parametrize("name", NETWORKS)
def test_every_integer_of_a_written_recipe_equals_the_reference_runtimes(name):
    graph = load_recipe(name, input_size=NETWORKS[name])
    value = np.random.default_rng(0).integers(-128, 128, graph.tensors["input"].shape).astype(np.int8)
    golden = reference_tensors(graph, value)
    _, _, activity = execute(graph, {"input": value})
    computed = [output for node in graph.nodes for output in node.outputs]
    assert {output: int(np.count_nonzero(golden[output] != activity.value(output))) for output in computed} == dict.fromkeys(computed, 0)


@whole_network
@pytest.mark.conformance
def test_a_written_float_network_computes_the_same_to_single_precision():
    graph = load_recipe("mobilenet_v2", "float32", input_size=64)
    value = np.random.default_rng(0).uniform(-1, 1, graph.tensors["input"].shape).astype(np.float32)
    outputs, _, _ = execute(graph, {"input": value})
    np.testing.assert_allclose(outputs[graph.outputs[0]], reference_tensors(graph, value)[graph.outputs[0]], rtol=1e-4, atol=1e-7)


@whole_network
def test_what_is_written_reads_back_as_the_same_network(tmp_path):
    from accelsim.importers.tflite import load

    graph = load_recipe("mobilenet_v1_0_25", input_size=32)
    save(graph, tmp_path / "net.tflite")
    again = load(tmp_path / "net.tflite", "net.tflite")
    value = np.random.default_rng(0).integers(-128, 128, graph.tensors["input"].shape).astype(np.int8)
    first, _, _ = execute(graph, {graph.inputs[0]: value})
    second, _, _ = execute(again, {again.inputs[0]: value})
    assert [node.operator for node in again.nodes] == [node.operator for node in graph.nodes]
    assert np.array_equal(first[graph.outputs[0]], second[again.outputs[0]])


def test_constants_start_at_addresses_that_the_runtime_can_map():
    import tflite

    data = encode(load_recipe("mobilenet_v1_0_25", input_size=32))
    model = tflite.Model.GetRootAs(data, 0)
    buffers = [model.Buffers(i) for i in range(model.BuffersLength())]
    weights_and_biases, axes_of_the_mean = 2 * 28, 1
    assert sum(buffer.DataLength() > 0 for buffer in buffers) == weights_and_biases + axes_of_the_mean
    assert all(buffer._tab.Vector(buffer._tab.Offset(4)) % 16 == 0 for buffer in buffers if buffer.DataLength())


def test_padding_that_the_format_lacks_is_refused_by_node():
    with pytest.raises(UnsupportedError, match=r"node 'stem' \(conv2d\): padding \(\(3, 3\), \(3, 3\)\) has no TFLite form"):
        encode(load_recipe("resnet18", input_size=32))


def test_class_names_travel_with_the_file(tmp_path):
    from dataclasses import replace

    from accelsim.importers.tflite import load

    save(replace(load_recipe("mobilenet_v1_0_25", input_size=32), labels=("cat", "dog")), tmp_path / "net.tflite")
    assert load(tmp_path / "net.tflite", "net.tflite").labels == ("cat", "dog")


def test_an_operator_that_the_writer_lacks_is_refused_by_name():
    tensors = [Tensor("x", (1, 4), "float32"), Tensor("y", (1, 4), "float32")]
    with pytest.raises(UnsupportedError, match="g: node 'wave': operator 'sin' has no TFLite form"):
        encode(make_graph("g", tensors, [make_node("sin", "wave", ["x"], ["y"])], ["x"], ["y"]))


def moved(kind, quantization=None):
    """Return a network that cuts every second pixel out of a box and puts a border around channels and pixels."""
    tensors = [Tensor(name, shape, kind, quantization) for name, shape in (("input", (1, 6, 5, 3)), ("cut", (1, 3, 3, 3)), ("padded", (1, 4, 6, 7)))]
    nodes = [
        make_node("strided_slice", "cut", ["input"], ["cut"], begin=(None, 0, 1, None), end=(None, 6, 4, None), strides=(1, 2, 1, 1)),
        make_node("pad", "pad", ["cut"], ["padded"], padding=((0, 0), (1, 0), (1, 2), (0, 4))),
    ]
    return make_graph("moved", tensors, nodes, ["input"], ["padded"])


@pytest.mark.conformance
def test_slices_and_borders_are_written_with_their_arguments():
    value = np.random.default_rng(0).standard_normal((1, 6, 5, 3), dtype=np.float32)
    graph = moved("float32")
    np.testing.assert_array_equal(execute(graph, {"input": value})[0]["padded"], reference_tensors(graph, value)["padded"])


@pytest.mark.conformance
def test_a_border_of_codes_is_their_zero_point():
    value = np.random.default_rng(0).integers(-128, 128, (1, 6, 5, 3)).astype(np.int8)
    graph = moved("int8", Quantization(np.float32([0.5]), np.array([9])))
    golden = reference_tensors(graph, value)["padded"]
    assert golden[0, 0, 0, 0] == 9
    np.testing.assert_array_equal(execute(graph, {"input": value})[0]["padded"], golden)
