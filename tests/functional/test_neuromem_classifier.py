"""Is the chip a scikit-learn classifier?"""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from accelsim.functional.neuromem import UNKNOWN
from accelsim.functional.neuromem_classifier import NeuroMemClassifier


@parametrize_with_checks([NeuroMemClassifier()])
def test_the_classifier_keeps_scikit_learns_contract(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(y))
    return X[order], y[order]


def test_it_stands_in_a_pipeline_and_a_grid_search(iris):
    choices = {"neuromemclassifier__maxif": [20, 200], "neuromemclassifier__norm": ["l1", "lsup"]}
    search = GridSearchCV(make_pipeline(PCA(2), NeuroMemClassifier()), choices, cv=3)
    assert search.fit(*iris).best_score_ > 0.85


def test_partial_fits_add_up_to_one_fit(iris):
    X, y = np.round(iris[0] * 10), iris[1]
    whole = NeuroMemClassifier(quantize="none").fit(X, y)
    parts = NeuroMemClassifier(quantize="none").partial_fit(X[:70], y[:70], classes=[0, 1, 2]).partial_fit(X[70:], y[70:])
    assert parts.state_.digest() == whole.state_.digest()


def test_a_label_unknown_to_the_first_partial_fit_is_refused(iris):
    X, y = iris
    with pytest.raises(ValueError, match="did not name"):
        NeuroMemClassifier().partial_fit(X, y, classes=[0, 1])


def test_knn_mode_over_all_vectors_is_the_nearest_neighbour(iris):
    X, y = np.unique(np.round(iris[0] * 10), axis=0), np.arange(149) % 3
    chip = NeuroMemClassifier(quantize="none", mode="knn", minif=0, maxif=1).fit(X, y[: len(X)])
    nearest = KNeighborsClassifier(1, metric="manhattan", algorithm="brute").fit(X, y[: len(X)])
    np.testing.assert_array_equal(chip.firing(X + 1).distance[:, 0], nearest.kneighbors(X + 1)[0][:, 0])


def test_unknown_vectors_get_the_label_asked_for(iris):
    X, y = iris
    chip = NeuroMemClassifier(maxif=10, unknown_label=-1).fit(X, y)
    far = X + 0.5
    unknown = chip.firing(far).status == UNKNOWN
    assert unknown.any() and not unknown.all()
    np.testing.assert_array_equal(chip.predict(far) == -1, unknown)
    assert (chip.set_params(unknown_label=None).predict(far) >= 0).all()


def test_more_passes_fit_the_training_set_no_worse(iris):
    X, y = iris
    once, thrice = (NeuroMemClassifier(passes=passes).fit(X, y) for passes in (1, 3))
    assert thrice.score(X, y) >= once.score(X, y)


def test_counter_examples_shrink_what_fires_on_them(iris):
    X, y = iris
    chip = NeuroMemClassifier().fit(X, y)
    before = chip.firing(X).firing.sum()
    assert chip.learn_counter_examples(X[:20]).learned_.shrunk.sum() > 0
    assert chip.firing(X).firing.sum() < before


def test_shares_of_three_answers_are_thirds(iris):
    X, y = iris
    shares = NeuroMemClassifier(k=3, mode="knn").fit(X, y).predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert set(np.round(shares * 3, 6).ravel()) <= {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("parameters", "says"),
    [({"components": 2}, "a neuron holds 2 components"), ({"quantize": "none"}, "not integers of 0..255"), ({"norm": "l2"}, "'norm'")],
)
def test_what_the_chip_cannot_do_is_refused(iris, parameters, says):
    with pytest.raises(ValueError, match=says):
        NeuroMemClassifier(**parameters).fit(*iris)
