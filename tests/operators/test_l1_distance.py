"""Is the search of a nearest neighbour the sum of absolute differences, and is it costed as such?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.interpreter import execute
from accelsim.graph.graph import make_graph
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Contraction
from accelsim.hardware.chip_files import load_chip_file
from accelsim.mapping.layers import layers_of
from accelsim.operators import load, make_node, work_of


def network(rows=2, vectors=5, length=7, seed=0):
    stored = np.random.default_rng(seed).integers(0, 256, (vectors, length), dtype=np.uint8)
    tensors = (Tensor("x", (rows, length), "uint8"), Tensor("stored", stored.shape, "uint8", values=stored), Tensor("d", (rows, vectors), "uint16"))
    return make_graph("search", tensors, [make_node("l1_distance", "search", ("x", "stored"), ("d",))], ("x",), ("d",))


def test_it_is_the_sum_of_absolute_differences():
    graph = network()
    x = np.random.default_rng(1).integers(0, 256, (2, 7), dtype=np.uint8)
    outputs, _, _ = execute(graph, {"x": x})
    expected = np.abs(x[:, None].astype(int) - graph.tensors["stored"].values[None]).sum(axis=2)
    assert (outputs["d"] == expected).all() and outputs["d"].dtype == np.uint16


def test_the_farthest_vectors_do_not_overflow():
    graph = network(1, 1, 256)
    graph.tensors["stored"].values[:] = 0
    assert execute(graph, {"x": np.full((1, 256), 255, np.uint8)})[0]["d"].tolist() == [[65280]]


def test_longer_vectors_are_refused():
    graph = network(1, 1, 257)
    with pytest.raises(UnsupportedError, match="at most 256 components"):
        execute(graph, {"x": np.zeros((1, 257), np.uint8)})


def test_rows_of_another_length_are_refused():
    node = make_node("l1_distance", "search", ("x", "stored"), ("d",))
    with pytest.raises(AccelsimError, match="do not fit"):
        load("l1_distance").output_shapes(node, (Tensor("x", (1, 3), "uint8"), Tensor("stored", (2, 4), "uint8")))


def test_its_work_is_one_difference_for_each_stored_component():
    graph = network(2, 5, 7)
    (work,) = work_of(graph.nodes[0], graph)
    assert isinstance(work, Contraction) and (work.macs, work.combination) == (2 * 5 * 7, "absolute_difference")


def test_an_array_of_multipliers_declines_it_and_the_host_does_it():
    (layer,) = layers_of(network(), load_chip_file("ethos_u55_128"))
    assert layer.unit == "cpu" and layer.why == "npu: it sums products, not absolute_differences"
    (layer,) = layers_of(network(), load_chip_file("systolic_npu"))
    assert "not absolute_differences" in layer.why


def test_differences_take_a_processor_no_longer_than_products():
    cpu = load_chip_file("cortex_m7").units["cpu"]
    common = {"filters": 100, "channels": 64, "input_type": "uint8", "weight_type": "uint8", "output_type": "uint16"}
    differences, products = (cpu.cost(Contraction(combination=c, **common)).cycles for c in ("absolute_difference", "product"))
    assert differences < products  # whose sums are rescaled
