"""Post-training quantisation: does the int8 network say nearly what the float network says, in TFLite's scheme?"""

import numba
import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import Node, make_graph
from accelsim.graph.tensor import Tensor
from accelsim.importers._quantize import affine, observed_ranges, quantize, symmetric_codes
from accelsim.importers.recipes import load_recipe
from accelsim.operators import make_node

whole_network = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="a whole network takes minutes without the JIT")


def calibrated(name: str, size: int, runs: int = 3):
    """Return (float graph, int8 graph calibrated on a few inputs, one input)."""
    graph = load_recipe(name, "float32", input_size=size)
    generator = np.random.default_rng(0)
    inputs = [generator.uniform(-1, 1, graph.tensors["input"].shape).astype(np.float32) for _ in range(runs)]
    return graph, quantize(graph, observed_ranges(execute(graph, {"input": x})[2] for x in inputs)), inputs[0]


def decoded(activity, graph, name):
    q = graph.tensors[name].quantization
    return (activity.value(name).astype(float) - q.zero_point[0]) * q.scale[0]


def codes_of(x, tensor):
    return np.clip(np.rint(x / tensor.quantization.scale[0]) + tensor.quantization.zero_point[0], -128, 127).astype(np.int8)


@whole_network
@pytest.mark.parametrize("name, size", [("mobilenet_v2", 64), ("squeezenet1_1", 63), ("mobilenet_v3_small", 64), ("shufflenet_v2", 64)])
def test_scores_of_a_calibrated_network_lie_close_to_the_float_ones(name, size):
    floats, integers, x = calibrated(name, size)
    _, _, real = execute(floats, {"input": x})
    _, _, quantised = execute(integers, {"input": codes_of(x, integers.tensors["input"])})
    scores = [node.inputs[0] for node in integers.nodes if node.operator == "softmax"][0]
    error = decoded(quantised, integers, scores) - real.value(scores)
    assert np.sqrt(np.mean(error**2)) < 0.25 * real.value(scores).std()


def test_zero_is_represented_exactly_whatever_the_range():
    for low, high in ((0.0, 6.0), (-1.3, 2.9), (0.5, 2.0), (-3.0, -1.0), (0.0, 0.0)):
        q = affine(low, high)
        assert -128 <= q.zero_point[0] <= 127
        ends = (np.array([-128, 127]) - q.zero_point[0]) * q.scale[0]
        assert ends[0] <= min(low, 0) + q.scale[0] and ends[1] >= max(high, 0) - q.scale[0]


def test_weights_have_one_scale_per_filter_and_reach_127_in_each():
    weights = np.random.default_rng(0).normal(0, np.array([0.1, 1, 10])[:, None, None, None], (3, 3, 3, 4)).astype(np.float32)
    tensor = symmetric_codes("w", weights, 0)
    assert tensor.quantization.scale.shape == (3,) and not tensor.quantization.zero_point.any()
    assert (np.abs(tensor.values).max(axis=(1, 2, 3)) == 127).all()
    np.testing.assert_allclose(tensor.values * tensor.quantization.scale[:, None, None, None], weights, atol=tensor.quantization.scale.max() / 2)


def test_a_filter_of_zeros_quantises_to_zeros():
    assert not symmetric_codes("w", np.zeros((2, 1, 1, 3), np.float32), 0).values.any()


@whole_network
def test_bias_is_int32_at_input_scale_times_weight_scale():
    _, graph, _ = calibrated("mobilenet_v1_0_25", 64)
    node = next(node for node in graph.nodes if node.operator == "depthwise_conv2d")
    source, weights, bias = graph.of(node.inputs)
    assert bias.dtype == "int32" and weights.quantization.axis == 3
    np.testing.assert_allclose(bias.quantization.scale, source.quantization.scale * weights.quantization.scale, rtol=1e-6)


@whole_network
def test_what_is_joined_pooled_or_moved_keeps_one_scale():
    _, graph, _ = calibrated("shufflenet_v2", 64)
    for node in graph.nodes:
        if node.operator in ("concatenation", "max_pool2d", "reshape", "transpose", "split"):
            scales = {float(graph.tensors[name].quantization.scale[0]) for name in (*node.inputs, *node.outputs)}
            assert len(scales) == 1, node.name


@whole_network
def test_softmax_has_the_scale_that_the_reference_kernel_demands():
    _, graph, _ = calibrated("mobilenet_v1_0_25", 64)
    q = graph.tensors[graph.outputs[0]].quantization
    assert (q.scale[0], q.zero_point[0]) == (1 / 256, -128)


def test_a_tensor_without_range_is_refused():
    graph = load_recipe("mobilenet_v1_0_25", "float32", input_size=32)
    with pytest.raises(AccelsimError, match="tensor 'stem': has no range"):
        quantize(graph, {"input": (-1.0, 1.0)})


def test_an_operator_without_rule_is_refused_by_name():
    tensors = [Tensor("x", (1, 4), "float32"), Tensor("y", (1, 4), "float32")]
    graph = make_graph("g", tensors, [make_node("sin", "wave", ["x"], ["y"])], ["x"], ["y"])
    with pytest.raises(UnsupportedError, match="node 'wave': operator 'sin' has no rule of quantisation"):
        quantize(graph, {"x": (0, 1), "y": (0, 1)})


def test_observed_ranges_cover_every_run():
    tensors = [Tensor("x", (1, 2), "float32"), Tensor("y", (1, 2), "float32")]
    node: Node = make_node("relu", "r", ["x"], ["y"])
    graph = make_graph("g", tensors, [node], ["x"], ["y"])
    runs = [execute(graph, {"x": np.array([values], np.float32)})[2] for values in ([-1, 2], [3, -5])]
    assert observed_ranges(runs) == {"x": (-5.0, 3.0), "y": (0.0, 3.0)}
