"""Coded constants: the entropy of values in the head's figures, what fills granules up, and a chip that codes nothing."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.graph.tensor import Quantization, Tensor
from accelsim.graph.work import Contraction
from accelsim.importers import load_graph
from accelsim.mapping.mapper import map_graph
from accelsim.mapping.weight_coding import coded_bytes, with_coded_weights
from accelsim.mapping.weight_streams import Lanes, streams
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
    graph = load_graph("digits_cnn")
    chip = load_chip("ethos_u55_128")
    coded = with_coded_weights(graph, chip)
    structured = [t for t in coded.tensors.values() if t.structure is not None]
    assert map_graph(graph, chip).homes.constants["flash"] == pytest.approx(sum(t.structure.stored_bytes for t in structured), rel=0.01)
    # ethos-u-vela 5.2 codes these weights into 15280 bytes: 8 bits that differ much become no shorter, and are filled up.
    assert sum(t.structure.stored_bytes for t in structured if t.dtype == "int8") == pytest.approx(15280, rel=0.01)
    biases = [t for t in structured if t.dtype == "int32"]
    assert biases and all(t.structure.stored_bytes == 10 * t.elements for t in biases)


def test_weights_of_few_values_lie_shorter_than_plain():
    graph = load_graph("digits_cnn")
    largest = max((t for t in graph.tensors.values() if t.is_constant and t.dtype == "int8"), key=lambda t: t.elements)
    few = replace(largest, values=np.sign(largest.values).astype("int8"))
    coded = with_coded_weights(replace(graph, tensors={**graph.tensors, few.name: few}), load_chip("ethos_u55_128"))
    assert coded.tensors[few.name].structure.stored_bytes < few.bytes / 3


def test_each_core_has_a_stream_of_its_own_filled_up_to_its_granules():
    work = Contraction(filters=8, channels=3, filter_h=3, filter_w=3, in_h=3, in_w=3)
    values = np.arange(1, 8 * 9 * 3 + 1, dtype=np.int64).reshape(8, 3, 3, 3) % 100
    one, two = (load_chip(name).units["npu"] for name in ("ethos_u65_256", "ethos_u65_512"))
    (whole,) = [stream for stream, _ in streams(work, values, 0, Lanes.of(work, one))]
    halves = [stream for stream, _ in streams(work, values, 0, Lanes.of(work, two))]
    assert whole.size == 8 * 12 * 8 and [half.size for half in halves] == [whole.size, whole.size]  # 4 of 8 lanes are filled
    assert sum(np.count_nonzero(half) for half in halves) == np.count_nonzero(whole) == np.count_nonzero(values)


def test_a_part_of_very_many_weights_speaks_for_the_rest(monkeypatch):
    monkeypatch.setattr("accelsim.mapping.weight_streams.MOST", 1000)
    work = Contraction(filters=100, channels=64)
    ((stream, share),) = streams(work, np.ones((100, 64), np.int8), 0, Lanes())
    assert stream.size < 1000 and stream.size * share == 6400
