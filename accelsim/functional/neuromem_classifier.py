"""The chip as a scikit-learn classifier: it drops into pipelines, cross-validation and grid searches."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from accelsim.functional.neuromem import NOTHING, Learned, Recognised, learn, recognise
from accelsim.functional.neuromem_accesses import joined
from accelsim.functional.neuromem_state import LIKELIEST, NeuroMemDevice, Switches, new_state
from accelsim.kernels.neuromem import CATEGORY_MASK

LARGEST_COMPONENT = 255


class NeuroMemClassifier(ClassifierMixin, BaseEstimator):
    """Radial basis function classifier that is the chip bit for bit.

    Vectors are learned in the order given; every class becomes a category from 1 in the order of ``classes_``. Where the
    chip has no answer (unknown), the host asks again in KNN mode or answers ``unknown_label``.

    Parameters
    ----------
    neurons : int
        Per chip.
    components : int
        8-bit components of a neuron; the largest number of features.
    chips : int
        Chips in the daisy chain.
    minif, maxif : int
        Minimum and maximum influence field.
    norm : "l1" or "lsup"
    context : int
        1..127; 0 lets all neurons react.
    mode : "rbf" or "knn"
        Of recognition. In KNN mode every neuron answers. Learning is in RBF mode, as the manual advises.
    k : int
        Answers (distance, category) that vote; of equal shares the smaller class wins.
    passes : int
        Times that ``fit`` shows the training set.
    quantize : "minmax" or "none"
        Whether each feature is scaled to 0..255 by its range in the first set learned, or already is 0..255.
    unknown_label : object, optional
        Label of unknown vectors; None asks the chip again in KNN mode.
    switches : Switches, optional
        The open questions' answers.

    Attributes
    ----------
    classes_ : ndarray
    state_ : NeuroMemState
        The chain.
    learned_ : Learned
        What the last ``fit`` or ``partial_fit`` did, with its register accesses.
    """

    _parameter_constraints = {
        "neurons": [Interval(Integral, 1, None, closed="left")],
        "components": [Interval(Integral, 1, 256, closed="both")],
        "chips": [Interval(Integral, 1, None, closed="left")],
        "minif": [Interval(Integral, 0, 0xFFFF, closed="both")],
        "maxif": [Interval(Integral, 0, 0xFFFF, closed="both")],
        "norm": [StrOptions({"l1", "lsup"})],
        "context": [Interval(Integral, 0, 127, closed="both")],
        "mode": [StrOptions({"rbf", "knn"})],
        "k": [Interval(Integral, 1, None, closed="left")],
        "passes": [Interval(Integral, 1, None, closed="left")],
        "quantize": [StrOptions({"minmax", "none"})],
        "unknown_label": "no_validation",
        "switches": [Switches, None],
    }

    def __init__(
        self, neurons=576, components=256, chips=1, minif=2, maxif=0x4000, norm="l1", context=1, mode="rbf", k=1, passes=1, quantize="minmax",
        unknown_label=None, switches=None,
    ):  # fmt: skip
        self.neurons = neurons
        self.components = components
        self.chips = chips
        self.minif = minif
        self.maxif = maxif
        self.norm = norm
        self.context = context
        self.mode = mode
        self.k = k
        self.passes = passes
        self.quantize = quantize
        self.unknown_label = unknown_label
        self.switches = switches

    def fit(self, X, y):
        """Forget everything and learn."""
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self._begin(X, np.unique(y))
        self.learned_ = _all_of([self._learn(X, y) for _ in range(self.passes)])
        return self

    def partial_fit(self, X, y, classes=None):
        """Learn on top of what is known; the first call needs all ``classes`` or takes those of ``y``."""
        first = not hasattr(self, "state_")
        X, y = validate_data(self, X, y, reset=first)
        check_classification_targets(y)
        if first:
            self._begin(X, np.unique(y) if classes is None else np.unique(classes))
        strange = np.setdiff1d(y, self.classes_)
        if len(strange):
            raise ValueError(f"y has classes {strange} that the first call to partial_fit did not name")
        self.learned_ = self._learn(X, y)
        return self

    def learn_counter_examples(self, X):
        """Learn vectors as category 0: neurons that fire on them shrink."""
        check_is_fitted(self)
        self.learned_ = learn(self.state_, self._components(validate_data(self, X, reset=False)), np.zeros(len(X), np.int64), self._switches())
        return self

    def predict(self, X):
        """Return the label of each vector."""
        shares, unknown = self._shares(X)
        labels = self.classes_[shares.argmax(axis=1)]
        if self.unknown_label is None or not unknown.any():
            return labels
        labels = labels.astype(np.result_type(labels, np.asarray(self.unknown_label)))
        labels[unknown] = self.unknown_label
        return labels

    def predict_proba(self, X):
        """Return each class's share of the ``k`` answers, shape (vectors, classes)."""
        return self._shares(X)[0]

    def firing(self, X, k=None) -> Recognised:
        """Return the chip's own answers: status, distances, categories (class index + 1), identifiers and accesses."""
        check_is_fitted(self)
        return self._recognise(self._components(validate_data(self, X, reset=False)), self.mode, self.k if k is None else k)

    def _begin(self, X, classes):
        self._validate_params()
        if X.shape[1] > self.components:
            raise ValueError(f"X has {X.shape[1]} features; a neuron holds {self.components} components")
        if len(classes) < 2:
            raise ValueError(f"y has {len(classes)} class; a classifier needs at least two")
        self.classes_ = classes
        self.minimum_, self.maximum_ = X.min(axis=0), X.max(axis=0)
        self.state_ = new_state(NeuroMemDevice(self.neurons, self.components, self.chips))
        self.state_.set_context(self.context, self.norm)
        self.state_.set_influence(self.minif, self.maxif)

    def _switches(self):
        return self.switches or LIKELIEST

    def _components(self, X):
        if self.quantize == "none":
            if X.min() < 0 or X.max() > LARGEST_COMPONENT or (np.round(X) != X).any():
                raise ValueError("X has values that are not integers of 0..255; quantize='minmax' scales them")
            return X.astype(np.uint8)
        low, span = self.minimum_.astype(float), self.maximum_.astype(float) - self.minimum_.astype(float)
        scaled = (X - low) / np.where(span > 0, span, 1.0) * LARGEST_COMPONENT
        return np.round(np.clip(scaled, 0, LARGEST_COMPONENT)).astype(np.uint8)

    def _learn(self, X, y) -> Learned:
        return learn(self.state_, self._components(X), np.searchsorted(self.classes_, y) + 1, self._switches())

    def _recognise(self, components, mode, k) -> Recognised:
        # On a copy, so that predicting leaves no trace and works on a memory-mapped estimator. All vectors being of one
        # length, what the waiting neuron keeps of them could never be read anyway.
        state = self.state_.copy()
        state.set_mode(mode)
        return recognise(state, components, k, self._switches())

    def _shares(self, X):
        check_is_fitted(self)
        components = self._components(validate_data(self, X, reset=False))
        category = self._recognise(components, self.mode, self.k).category
        unknown = category[:, 0] == NOTHING
        if unknown.any():
            category[unknown] = self._recognise(components[unknown], "knn", self.k).category
        answered = category != NOTHING
        votes = np.zeros((len(category), len(self.classes_) + 1))
        np.add.at(votes, (np.arange(len(category))[:, None], np.where(answered, category & CATEGORY_MASK, 0)), answered)
        votes = votes[:, 1:]
        return votes / np.maximum(votes.sum(axis=1, keepdims=True), 1), unknown


def _all_of(parts: list[Learned]) -> Learned:
    columns = (np.concatenate([getattr(part, name) for part in parts]) for name in ("status", "identifier", "shrunk"))
    return Learned(*columns, joined([part.accesses for part in parts]))
