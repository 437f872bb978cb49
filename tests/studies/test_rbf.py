"""Data sets on the chip: what it learns and how often it is right."""

import numba
import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem_state import NeuroMemDevice
from accelsim.studies.rbf import Training, classify, components_of

COMPILED = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="millions of component differences take minutes in plain Python")


@COMPILED
def test_digits_are_mostly_right_and_below_their_nearest_neighbours():
    seen = classify("digits")
    assert 0.85 < seen.accuracy < seen.nearest_neighbour_accuracy
    assert seen.identified_right <= seen.accuracy and 0 < seen.unknown < 0.2 and 0 < seen.uncertain < 0.2
    assert 100 < seen.committed < 200 and (seen.learning.operations, seen.recognition.operations) == (1347, 450)


def test_an_unlimited_knn_chip_is_the_nearest_neighbour():
    alone = Training(mode="knn", minimum_influence=0, maximum_influence=1)
    seen = classify("iris", training=alone)
    assert seen.accuracy == pytest.approx(seen.nearest_neighbour_accuracy, abs=0.041)  # ties go to the smallest category, not to the first row
    assert seen.unknown == 0


def test_the_same_seed_gives_the_same_chip_and_another_seed_another():
    one, again, other = (classify("iris", training=Training(seed=seed)).state.digest() for seed in (1, 1, 2))
    assert one == again != other


def test_a_recognition_takes_its_components_and_two_reads():  # NM500 manual p. 11: 3 + 3 + 18 + (3 identified, 19 uncertain), or 3 + 3 + 1
    seen = classify("iris")
    assert set(seen.recognition.cycles().tolist()) <= {3 + 3 + 18 + 3, 3 + 3 + 18 + 19, 3 + 3 + 1}


@COMPILED
def test_a_full_chip_learns_no_more():
    assert classify("digits", NeuroMemDevice(neurons=50)).committed == 50


def test_pictures_are_averaged_until_they_fit():
    pictures = np.zeros((2, 28, 28, 1), np.float32)
    pictures[1, :2, :2] = 1
    train, _ = components_of(pictures, pictures)
    assert train.shape == (2, 14 * 14)
    assert (train[1, 0], train[1, 1], train.dtype) == (255, 0, np.uint8)


def test_a_series_is_averaged_over_time_only():
    series = np.random.default_rng(0).random((3, 100, 6)).astype(np.float32)
    assert components_of(series, series)[0].shape == (3, 33 * 6)


def test_test_vectors_beyond_the_training_range_are_clipped():
    _, test = components_of(np.array([[0.0], [1.0]]), np.array([[-5.0], [0.5], [9.0]]))
    assert test.ravel().tolist() == [0, 128, 255]


def test_a_table_wider_than_a_neuron_is_refused():
    with pytest.raises(AccelsimError, match="do not fit 256 components"):
        components_of(np.zeros((2, 300)), np.zeros((2, 300)))


def test_a_users_own_components_are_learned_as_they_are(tmp_path):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.integers(0, 50, (30, 5)), rng.integers(200, 250, (30, 5))]).astype(np.uint8)
    np.savez(tmp_path / "own.npz", x=x, y=np.repeat([0, 1], 30))
    seen = classify(str(tmp_path / "own.npz"))
    assert (seen.trained, seen.tested, seen.accuracy) == (40, 20, 1.0)
    known = seen.state.memory[seen.state.committed, :5]
    assert all((x == row).all(axis=1).any() for row in known)
