"""The training script: are its gradients the slopes of its loss, and is its graph the network that it trained?"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from accelsim.functional.interpreter import execute
from accelsim.importers.datasets import load_dataset

SCRIPT = Path(__file__).resolve().parents[2] / "workloads" / "training.py"
STEP = 1e-3


@pytest.fixture(scope="module")
def training():
    spec = importlib.util.spec_from_file_location("accelsim_workloads_training", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def layers_of(training, rng):
    return {
        "convolution": (training.Convolution(rng, 3, 4, rectify=False), (2, 5, 5, 3)),
        "strided": (training.Convolution(rng, 3, 4, stride=2), (2, 6, 6, 3)),
        "depthwise": (training.Convolution(rng, 3, 3, depthwise=True), (2, 5, 5, 3)),
        "pointwise": (training.Convolution(rng, 3, 4, kernel=1), (2, 4, 4, 3)),
        "pool": (training.MaxPool(), (2, 5, 5, 3)),
        "residual": (training.Residual(training.Convolution(rng, 3, 3, rectify=False)), (2, 4, 4, 3)),
        "fully_connected": (training.FullyConnected(rng, 12, 5), (2, 2, 2, 3)),
    }


@pytest.mark.parametrize("kind", ["convolution", "strided", "depthwise", "pointwise", "pool", "residual", "fully_connected"])
def test_a_layers_gradient_is_the_slope_of_what_it_computes(training, kind):
    rng = np.random.default_rng(0)
    layer, shape = layers_of(training, rng)[kind]
    x = rng.normal(size=shape)
    direction = rng.normal(size=layer.forward(x).shape)

    def loss() -> float:
        return float((layer.forward(x) * direction).sum())

    loss()
    slopes = [(x, layer.backward(direction.astype(np.float64)))]
    slopes += [(inner.weights, inner.weights_gradient) for inner in training.weighted([layer])]
    slopes += [(inner.bias, inner.bias_gradient) for inner in training.weighted([layer])]
    for values, gradient in slopes:
        for place in rng.integers(0, values.size, 6):
            kept = values.flat[place]
            values.flat[place] = kept + STEP
            above = loss()
            values.flat[place] = kept - STEP
            below = loss()
            values.flat[place] = kept
            assert gradient.flat[place] == pytest.approx((above - below) / (2 * STEP), rel=0.02, abs=0.02)


def test_the_graph_is_the_network_that_was_trained(training):
    data = load_dataset("digits")
    layers = training.network(np.random.default_rng(0), 8, 10, stem_stride=1)
    graph = training.graph_of("net", layers, data)
    for item in data.inputs[:3]:
        probabilities = training.softmax(training.scores_of(layers, item[None]))
        np.testing.assert_allclose(execute(graph, {"input": item[None]})[0][graph.outputs[0]], probabilities, rtol=1e-4, atol=1e-6)


def test_a_few_epochs_already_teach_something(training):
    data = load_dataset("digits", "train")
    rng = np.random.default_rng(0)
    layers = training.network(rng, 8, 10, stem_stride=1)
    training.train(layers, data, rng, epochs=2, reach=0)
    assert np.mean(training.scores_of(layers, data.inputs).argmax(1) == data.labels) > 0.5


def test_images_are_shifted_without_wrapping_around(training):
    images = np.zeros((50, 4, 4, 1), np.float32)
    images[:, 0, 0] = 1
    moved = training.shifted(np.random.default_rng(0), images, 1)
    assert not moved[:, 2:].any() and not moved[:, :, 2:].any()
    assert 0 < moved.sum() < 50
