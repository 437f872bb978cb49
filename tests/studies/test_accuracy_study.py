"""The accuracy study: shares with their interval, from data in the shape that people keep it in."""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.evaluate import LARGEST_CHUNK, chunk_of, measure_accuracy
from accelsim.functional.interpreter import execute
from accelsim.graph.tensor import Tensor
from accelsim.importers import load_graph
from accelsim.importers.datasets import DataSet, fit_input, load_dataset
from accelsim.studies.accuracy import study_accuracy, wilson_interval


def test_the_interval_is_wilsons():
    low, high = wilson_interval(90, 100)
    assert (low, high) == pytest.approx((0.8256, 0.9448), abs=5e-5)
    assert wilson_interval(0, 10)[0] == 0 and wilson_interval(10, 10)[1] == 1


def test_more_items_make_it_narrower():
    widths = [high - low for low, high in (wilson_interval(9 * n, 10 * n) for n in (1, 10, 100))]
    assert widths == sorted(widths, reverse=True)


def test_a_shipped_network_is_measured_on_its_test_part_with_progress():
    seen = []
    result = study_accuracy(load_graph("digits_cnn"), load_dataset("digits"), limit=60, on_progress=lambda *step: seen.append(step))
    assert result.items == 60 and result.low < result.top1 <= result.high and result.top1 > 0.9
    assert seen[-1][1:] == (60, 60) and "first 60" in result.split


def test_an_impossible_limit_is_one_line():
    with pytest.raises(AccelsimError, match="--limit: 0 is not at least 1"):
        study_accuracy(load_graph("digits_cnn"), load_dataset("digits"), limit=0)


def test_pictures_kept_channels_last_meet_an_input_with_channels_first():
    pixels = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    fitted = fit_input(pixels, Tensor("x", (1, 3, 4, 5), "float32"), "raw")
    np.testing.assert_array_equal(fitted, np.moveaxis(pixels, 3, 1).astype(np.float32))


def test_pixels_may_be_read_as_torchvision_does():
    grey = np.full((1, 2, 2, 3), 128, np.uint8)
    fitted = fit_input(grey, Tensor("x", (1, 3, 2, 2), "float32"), "imagenet")
    np.testing.assert_allclose(fitted[0, :, 0, 0], (128 / 255 - np.array([0.485, 0.456, 0.406])) / [0.229, 0.224, 0.225], rtol=1e-5)
    with pytest.raises(AccelsimError, match="needs 3 colours, not 1"):
        fit_input(grey[..., :1], Tensor("x", (1, 2, 2, 1), "float32"), "imagenet")


def test_a_data_set_without_items_is_refused():
    empty = DataSet("none", np.zeros((0, 8, 8, 1), np.uint8), np.zeros(0, np.int64), ("a",), "none", "", "")
    with pytest.raises(AccelsimError, match="has no items"):
        study_accuracy(load_graph("digits_cnn"), empty)


@pytest.mark.parametrize("threads", [1, 3])
def test_any_number_of_threads_finds_the_same_items_right(threads):
    graph, data = load_graph("digits_cnn"), load_dataset("digits")
    items, seen = fit_input(data.inputs[:130], graph.tensors[graph.inputs[0]]), []
    share = measure_accuracy(graph, items, data.labels[:130], graph.numerics, lambda *step: seen.append(step[1]), threads)
    alone = [execute(graph, {graph.inputs[0]: item[None]})[0][graph.outputs[0]].argmax() for item in items]
    assert share == np.mean(np.array(alone) == data.labels[:130])
    assert seen == sorted(seen) and seen[-1] == 130 and len(seen) > 2


def test_an_error_in_one_chunk_ends_the_study():
    graph, data = load_graph("digits_cnn"), load_dataset("digits")
    items = fit_input(data.inputs[:90], graph.tensors[graph.inputs[0]])
    with pytest.raises(AccelsimError, match="label 10 is beyond the 10 classes"):
        measure_accuracy(graph, items, np.full(90, 10), graph.numerics, threads=2)


def test_large_activations_are_executed_fewer_at_once():
    assert chunk_of(load_graph("digits_cnn")) == LARGEST_CHUNK
    assert chunk_of(load_graph("mobilenet_v2")) == 1
