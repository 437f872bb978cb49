"""Do rates stand for activations, and does accuracy come with time?"""

import os

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from accelsim.base.errors import UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_conversion import accuracy_over_time, convert_to_spikes
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Tensor
from accelsim.operators import make_node


needs_jit = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="a minute without the compiler")


def constant(name, values):
    values = np.asarray(values, np.float32)
    return Tensor(name, values.shape, "float32", values=values)


def free(name, *shape):
    return Tensor(name, shape, "float32")


def small_cnn(seed=0, padding="same"):
    """Return conv (stride 2) + ReLU, depthwise + ReLU, average pooling, reshape, fully connected."""
    random = np.random.default_rng(seed)
    weights = {"w0": random.standard_normal((4, 3, 3, 2)), "w1": random.standard_normal((1, 3, 3, 4)), "w2": random.standard_normal((5, 16))}
    bias = {"b0": random.standard_normal(4) * 0.3, "b1": random.standard_normal(4) * 0.3, "b2": random.standard_normal(5)}
    size = 4 if padding == "same" else None
    tensors = [constant(n, v) for n, v in (weights | bias).items()]
    tensors += [
        free("x", 1, 8, 8, 2),
        free("c", 1, size, size, 4),
        free("d", 1, size, size, 4),
        free("e", 1, size, size, 4),
        free("p", 1, 2, 2, 4),
        free("f", 1, 16),
        free("y", 1, 5),
    ]
    nodes = [
        make_node("conv2d", "conv", ("x", "w0", "b0"), ("c",), stride=(2, 2), padding=padding, activation="relu"),
        make_node("depthwise_conv2d", "depthwise", ("c", "w1", "b1"), ("d",), padding="same"),
        make_node("relu", "relu", ("d",), ("e",)),
        make_node("average_pool2d", "pool", ("e",), ("p",), window=(2, 2), stride=(2, 2)),
        make_node("reshape", "flat", ("p",), ("f",), shape=(1, 16)),
        make_node("fully_connected", "dense", ("f", "w2", "b2"), ("y",)),
    ]
    return make_graph("cnn", tensors, nodes, ["x"], ["y"])


@needs_jit
def test_rates_approach_activations_and_the_output_the_logits():
    graph, samples = small_cnn(), np.random.default_rng(1).random((6, 8, 8, 2)).astype(np.float32)
    network = convert_to_spikes(graph, samples, percentile=100)
    steps = 3000
    outputs, _, activity = execute(graph, {"x": samples[:1]})
    record, state = execute_spiking(compile_network(network), steps, drive={"x": network.population("x").drive(samples[0].ravel())})
    rates = record.raster("e").mean(axis=0)
    activation = activity.values["e"].ravel()
    assert np.corrcoef(rates, activation)[0, 1] > 0.999
    np.testing.assert_allclose(state.state.voltage[-5:] / steps, outputs["y"][0], atol=0.03)


def test_the_conversion_of_every_layer_keeps_its_shape():
    network = convert_to_spikes(small_cnn(), np.ones((1, 8, 8, 2), np.float32))
    assert [p.shape for p in network.populations] == [(8, 8, 2), (4, 4, 4), (4, 4, 4), (2, 2, 4), (5,)]


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    model = MLPClassifier((40,), random_state=0, max_iter=300, tol=1e-3).fit(x[:1200], y[:1200])
    (w0, w1), (b0, b1) = model.coefs_, model.intercepts_
    tensors = [
        constant("w0", w0.T),
        constant("b0", b0),
        constant("w1", w1.T),
        constant("b1", b1),
        free("x", 1, 64),
        free("h", 1, 40),
        free("y", 1, 10),
        free("s", 1, 10),
    ]
    nodes = [
        make_node("fully_connected", "one", ("x", "w0", "b0"), ("h",), activation="relu"),
        make_node("fully_connected", "two", ("h", "w1", "b1"), ("y",)),
        make_node("softmax", "soft", ("y",), ("s",)),
    ]
    return make_graph("digits", tensors, nodes, ["x"], ["s"]), x, y, model


@needs_jit
def test_accuracy_comes_with_time_steps_and_costs_events(digits):
    graph, x, y, model = digits
    network = convert_to_spikes(graph, x[:300])
    accuracy, events = accuracy_over_time(network, x[1200:1400], y[1200:1400], 100)
    trained = model.score(x[1200:1400], y[1200:1400])
    assert accuracy[-1] >= trained - 0.01 and accuracy[-1] > accuracy[0]
    assert (np.diff(events) > 0).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "nodes, message",
    [
        ([("logistic", ("x",), "p", {})], "'logistic' has no rate-coded form"),
        ([("conv2d", ("x", "w"), "p", {"activation": "relu6"})], "activation 'relu6'"),
        ([("conv2d", ("x", "w"), "q", {}), ("conv2d", ("q", "w"), "p", {"activation": "relu"})], "has no ReLU"),
    ],
)
def test_what_rates_do_not_express_is_refused_by_name(nodes, message):
    tensors = [free("x", 1, 4, 4, 1), free("q", 1, 4, 4, 1), free("p", 1, 4, 4, 1), constant("w", np.ones((1, 1, 1, 1)))]
    built = [make_node(operator, f"n{i}", inputs, (output,), **attributes) for i, (operator, inputs, output, attributes) in enumerate(nodes)]
    with pytest.raises(UnsupportedError, match=message):
        convert_to_spikes(make_graph("g", tensors, built, ["x"], ["p"]), np.ones((1, 4, 4, 1), np.float32))
