"""Weights lie in memory in the type in which the unit computes."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Structure, Tensor
from accelsim.mapping.converted_weights import with_converted_weights
from accelsim.mapping.mapper import map_graph
from accelsim.operators import make_node
from networks import chain, chip


def floats(group: int = 1):
    """Return a float32 convolution of 16 channels, dense or depthwise."""
    shape = (16, 3, 3, 16) if group == 1 else (1, 3, 3, 16)
    tensors = [Tensor("w", shape, "float32", values=np.ones(shape, np.float32)), *(Tensor(name, (1, 8, 8, 16), "float32") for name in "xy")]
    node = make_node("conv2d" if group == 1 else "depthwise_conv2d", "layer", ["x", "w", None], ["y"], stride=(1, 1), padding="same")
    return make_graph("floats", tensors, [node], ["x"], ["y"])


def constants(graph, name: str, *overrides: str) -> int:
    mapping = map_graph(graph, chip(name, *overrides))
    return sum(stream.payload for choice in mapping.choices for stream in choice.streams if stream.role == "constant")


@pytest.mark.parametrize(("overrides", "bytes_each"), [((), 2), (("units.gpu.computes_as={}",), 4)])
def test_a_float32_network_that_is_computed_in_half_precision_has_half_the_bytes_of_weights(overrides, bytes_each):
    assert constants(floats(), "jetson_nano", *overrides) == 16 * 9 * 16 * bytes_each


def test_an_int8_network_on_a_gpu_without_8_bit_products_has_twice_the_bytes_of_weights():
    assert constants(chain([16, 16]), "jetson_nano") == 2 * 16 * 9 * 16
    assert constants(chain([16, 16]), "jetson_agx_xavier") == 16 * 9 * 16


def test_a_depthwise_layer_has_the_type_of_its_own_kernels():
    assert constants(floats(group=16), "jetson_tx2") == 9 * 16 * 4  # its grouped kernels are of single precision
    assert constants(floats(group=16), "jetson_nano") == 9 * 16 * 2


def test_where_nothing_is_converted_the_graph_stays_the_same_object():
    graph = chain([8, 8])
    assert with_converted_weights(graph, chip("ethos_u55_128")) is graph
    assert with_converted_weights(graph, chip("jetson_agx_xavier")) is graph


def test_a_networks_own_form_of_storage_is_kept():
    pruned = chain([16, 16])
    stored = replace(pruned, tensors={**pruned.tensors, "w1": replace(pruned.tensors["w1"], structure=Structure("pruned", 100))})
    assert with_converted_weights(stored, chip("jetson_nano")) is stored
