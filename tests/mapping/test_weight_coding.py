"""Coded constants: the entropy of values in the head's figures, what fills granules up, and a chip that codes nothing."""

import numpy as np
import pytest

from accelsim.graph.tensor import Quantization, Tensor
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.weight_coding import coded_bytes, with_coded_weights
from accelsim.pipeline import load_chip


def weights(values, zero_point: int = 0, dtype: str = "int8") -> Tensor:
    values = np.array(values, dtype)
    return Tensor("w", values.shape, dtype, Quantization(np.ones(1, np.float32), np.array([zero_point])), values)


def test_two_values_equally_often_take_a_bit_each():
    assert coded_bytes(weights([1, -1] * 32)) == pytest.approx(8)


def test_one_value_takes_nothing():
    assert coded_bytes(weights([7] * 100)) == 0


def test_filling_up_with_zeros_is_a_value_more():
    assert coded_bytes(weights([5] * 32), fill=32) == pytest.approx(8)


def test_the_zero_that_fills_up_is_the_zero_point():
    assert coded_bytes(weights([128] * 32, 128, "uint8"), fill=32) == 0


def test_a_chip_that_codes_nothing_leaves_the_graph_as_it_is():
    graph = load_graph("digits_cnn")
    assert with_coded_weights(graph, load_chip("systolic_npu")) is graph


def test_constants_of_an_ethos_u_lie_coded_in_flash_and_their_biases_take_ten_bytes():
    graph = load_graph("squeezenet1_1")
    chip = load_chip("ethos_u55_128")
    coded = with_coded_weights(graph, chip)
    plain, stored = map_graph(graph, load_chip("ethos_u55_128", ["compiler.weight_coding=plain"])), map_graph(graph, chip)
    assert stored.homes.constants["flash"] < plain.homes.constants["flash"]
    biases = [t for t in coded.tensors.values() if t.structure is not None and t.dtype == "int32"]
    assert biases and all(t.structure.stored_bytes == 10 * t.elements for t in biases)
