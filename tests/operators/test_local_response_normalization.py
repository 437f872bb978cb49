"""Local response normalisation: the paper's formula, channel by channel."""

import numpy as np
import pytest

from accelsim.base.errors import UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Quantization, Tensor
from accelsim.operators import make_node


def graph_of(shape, dtype="float32", **attributes):
    q = None if dtype == "float32" else Quantization(np.ones(1, np.float32), np.zeros(1, np.int64))
    tensors = [Tensor("x", shape, dtype, q), Tensor("y", shape, dtype, q)]
    return make_graph("g", tensors, [make_node("local_response_normalization", "lrn", ["x"], ["y"], **attributes)], ["x"], ["y"])


def test_each_channel_is_divided_by_the_energy_of_its_neighbours():
    x = np.random.default_rng(0).normal(size=(1, 2, 2, 7)).astype(np.float32)
    outputs, _, _ = execute(graph_of(x.shape, radius=2, bias=2.0, alpha=0.5, beta=0.75), {"x": x})
    expected = np.empty_like(x)
    for channel in range(7):
        energy = (x[..., max(0, channel - 2) : channel + 3].astype(float) ** 2).sum(-1)
        expected[..., channel] = x[..., channel] / (2 + 0.5 * energy) ** 0.75
    np.testing.assert_allclose(outputs["y"], expected, rtol=1e-6)


def test_a_lone_channel_of_one_is_divided_by_bias_plus_alpha():
    outputs, _, _ = execute(graph_of((1, 1, 1, 1), radius=5, bias=3.0, alpha=1.0, beta=0.5), {"x": np.ones((1, 1, 1, 1), np.float32)})
    assert outputs["y"].item() == pytest.approx(0.5)


def test_integers_are_refused():
    with pytest.raises(UnsupportedError, match="no kernel computes it on int8 .dequantize before it."):
        execute(graph_of((1, 1, 1, 4), "int8"), {"x": np.zeros((1, 1, 1, 4), np.int8)})
