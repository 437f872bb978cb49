"""Accuracy on real test sets is the reference's, to the sample."""

import numpy as np
import pytest
from litert_reference import MODELS, needs_compiler, needs_shared, packed, people

from accelsim.functional.interpreter import execute
from accelsim.functional.rebatch import with_batch
from accelsim.importers import tflite

pytestmark = [needs_shared, needs_compiler]


def accuracy(model: str, samples: np.ndarray, labels: np.ndarray, batch: int = 50) -> float:
    """Return the percentage of right answers."""
    path = MODELS / "mlperf_tiny" / model
    graph = with_batch(tflite.load(path, path.name), batch)
    right = 0
    for first in range(0, len(samples), batch):
        outputs, _, _ = execute(graph, {graph.inputs[0]: samples[first : first + batch]})
        right += int((outputs[graph.outputs[0]].reshape(batch, -1).argmax(axis=1) == labels[first : first + batch]).sum())
    return 100 * right / len(samples)


def test_keyword_spotting_is_right_on_901_of_1000():
    data = packed("kws01_1000.npz")
    assert accuracy("kws_dscnn_int8.tflite", data["X"].reshape(-1, 49, 10, 1), data["y"]) == pytest.approx(90.1)


def test_visual_wake_words_is_right_on_853_of_1000():
    pictures, labels = people(1000)
    assert accuracy("vww_mobilenetv1_025_96_int8.tflite", pictures, labels) == pytest.approx(85.3)


def test_image_classification_is_right_on_441_of_500():
    data = packed("cifar10_test_500_raw.npz")
    assert accuracy("ic_resnet8_int8.tflite", (data["X"].astype(np.int16) - 128).astype(np.int8), data["y"]) == pytest.approx(88.2)
