"""Operators on integers of few bits, with numbers that can be checked in the head."""

import numpy as np
import pytest
from one_node import quantised

from accelsim.functional.interpreter import execute
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import BITS, Tensor
from accelsim.operators import load, make_node

VALUES = {"binary": (-1, 1), "ternary": (-1, 0, 1), "int2": (-2, -1, 0, 1), "uint2": (0, 1, 2, 3), "int4": tuple(range(-8, 8)), "uint4": tuple(range(16))}
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")


def run(operator, source, weights, kinds, into=("int32", None), scales=(None, None), **attributes):
    """Return what one node computes on codes of the given element types."""
    tensors = [Tensor("x", source.shape, kinds[0], scales[0]), Tensor("w", weights.shape, kinds[1], scales[1], weights)]
    node = make_node(operator, "node", ["x", "w"], ["y"], **attributes)
    (shape,) = load(operator).output_shapes(node, tensors)
    graph = make_graph("one", [*tensors, Tensor("y", shape, *into)], [node], ["x"], ["y"])
    return execute(graph, {"x": source})[0]["y"]


def codes(rng, kind, shape):
    return rng.choice(VALUES[kind], shape).astype(np.uint8 if kind.startswith("u") else np.int8)


def test_binary_products_count_agreements_less_disagreements():
    row, weights = np.int8([[1, -1, 1, 1]]), np.int8([[1, -1, 1, 1], [-1, 1, -1, -1], [1, -1, -1, -1]])
    assert run("fully_connected", row, weights, ("binary", "binary")).tolist() == [[4, -4, 0]]


def test_sums_of_codes_become_real_numbers_through_both_scales():
    row, weights = np.int8([[1, -1]]), np.int8([[1, 1], [1, -1]])
    real = run("fully_connected", row, weights, ("binary", "ternary"), ("float32", None), (quantised(0.5), quantised([2.0, 4.0])))
    assert real.tolist() == [[0.0, 4.0]]


@pytest.mark.parametrize("left", VALUES)
@pytest.mark.parametrize("right", VALUES)
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_every_pair_of_types_convolves_as_plain_integers_do(left, right, padding):
    rng = np.random.default_rng(7)
    image, filters = codes(rng, left, (2, 5, 6, 70)), codes(rng, right, (3, 3, 2, 70))
    plain = [np.asarray(a, np.int16) for a in (image, filters)]
    expected = run("conv2d", plain[0], plain[1], ("int16", "int16"), stride=(2, 1), padding=padding)
    np.testing.assert_array_equal(run("conv2d", image, filters, (left, right), stride=(2, 1), padding=padding), expected)


def test_padding_of_binary_images_is_neither_of_the_two_values():
    image, filters = np.ones((1, 1, 1, 1), np.int8), np.ones((1, 3, 3, 1), np.int8)
    assert run("conv2d", image, filters, ("binary", "binary"), padding="same").item() == 1


def test_packed_constants_occupy_their_bits():
    for kind, values in VALUES.items():
        assert Tensor("w", (3, 16), kind, None, np.full((3, 16), values[0])).bytes == 6 * BITS[kind]


def test_thresholds_turn_sums_into_signs():
    limits = np.int32([[3], [-1]])
    sums = np.int32([[2, -1], [3, -2]])
    assert run("multi_threshold", sums, limits, ("int32", "int32"), ("binary", None)).tolist() == [[-1, 1], [1, -1]]


def test_more_thresholds_make_more_levels():
    limits = np.int32([[0, 10, 20]])
    assert run("multi_threshold", np.int32([[-5, 0, 15, 99]]), limits, ("int32", "int32"), ("uint2", None), low=0, step=1).tolist() == [[0, 1, 2, 3]]
