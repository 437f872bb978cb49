"""A data set on an RBF chip: what it learns, how often it is right, and every register access that it took."""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem import IDENTIFIED, UNCERTAIN, UNKNOWN, Recognised, learn, recognise
from accelsim.functional.neuromem_accesses import Accesses, joined
from accelsim.functional.neuromem_state import (
    DEFAULT_MAXIMUM_INFLUENCE,
    DEFAULT_MINIMUM_INFLUENCE,
    LIKELIEST,
    NeuroMemDevice,
    NeuroMemState,
    Switches,
    new_state,
)
from accelsim.importers.datasets import DataSet, dataset_names, load_dataset
from accelsim.kernels.neuromem import CATEGORY_MASK, NOTHING

LARGEST_COMPONENT = 255


@dataclass(frozen=True, slots=True)
class Training:
    """How the chip is taught and asked.

    Attributes
    ----------
    passes : int
        Times that the training set is shown.
    k : int
        Answers read per vector; the closest one counts, whatever ``k``.
    mode : "rbf" or "knn"
        Of recognition.
    seed : int
        Of the order in which the training set is shown; the chip's knowledge depends on it.
    """

    passes: int = 1
    k: int = 1
    mode: str = "rbf"
    norm: str = "l1"
    minimum_influence: int = DEFAULT_MINIMUM_INFLUENCE
    maximum_influence: int = DEFAULT_MAXIMUM_INFLUENCE
    seed: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Classified:
    """One data set on one chip. Shares are of the test set, 0..1; an unknown vector is a wrong one.

    Attributes
    ----------
    accuracy : float
        The closest firing neuron has the right category.
    identified_right, uncertain, unknown : float
        Identified as the right category; firing neurons disagree; none fires.
    nearest_neighbour_accuracy : float
        scikit-learn's KNeighborsClassifier(1, metric="manhattan") on the same components and split.
    committed, degenerated : int
        Neurons.
    learning : Accesses
        One operation for each vector shown.
    answers : Recognised
        To each vector asked.
    classes : tuple of str
        Category i + 1 is class i.
    examples : (ndarray of shape (trained, components), ndarray of shape (trained,))
        What was shown, in order, and its categories.
    """

    dataset: str
    split: str
    trained: int
    tested: int
    components: int
    capacity: int
    committed: int
    degenerated: int
    accuracy: float
    identified_right: float
    uncertain: float
    unknown: float
    nearest_neighbour_accuracy: float
    learning: Accesses
    answers: Recognised
    state: NeuroMemState
    classes: tuple[str, ...]
    examples: tuple[np.ndarray, np.ndarray]

    @property
    def recognition(self) -> Accesses:
        """Accesses of each vector asked."""
        return self.answers.accesses


def classify(dataset: str, device: NeuroMemDevice = NeuroMemDevice(), training: Training = Training(), switches: Switches = LIKELIEST) -> Classified:
    """Teach a chip a data set's training part and ask it the test part.

    Parameters
    ----------
    dataset : str
        A name of ``accelsim.importers.datasets``, such as "digits", "iris", "mnist5k", "basicmotions", "ecg", or a user's .npz
        or .csv, of which a third, drawn by the seed, is the test part.

    Raises
    ------
    AccelsimError
        No such data set or file, or the package that carries it is not installed.
    """
    return classify_parts(*parts_of(dataset, training.seed), device, training, switches)


def parts_of(dataset: str, seed: int) -> tuple[DataSet, DataSet]:
    """Return training and test part; a user's own file is split by the seed."""
    if dataset in dataset_names():
        return load_dataset(dataset, "train"), load_dataset(dataset, "test")
    data = load_dataset(dataset)
    order = np.random.RandomState(seed).permutation(len(data))
    tested = len(data) // 3
    if not tested:
        raise AccelsimError(data.name, f"has {len(data)} items; a training and a test part need at least 3")
    rule = f"test: a third of the {len(data)} items of {data.name}, drawn by seed {seed}"
    train, test = (replace(data, inputs=data.inputs[part], labels=data.labels[part], split=rule) for part in (order[tested:], order[:tested]))
    return train, test


def classify_parts(train: DataSet, test: DataSet, device: NeuroMemDevice, training: Training, switches: Switches = LIKELIEST) -> Classified:
    """Teach a chip one data set and ask it another of the same classes."""
    vectors, probes = components_of(train.inputs, test.inputs, device.components)
    order = np.random.RandomState(training.seed).permutation(len(vectors))
    vectors, labels = vectors[order], train.labels[order]
    state = new_state(device)
    state.set_context(1, training.norm)
    state.set_influence(training.minimum_influence, training.maximum_influence)
    taught = [learn(state, vectors, labels + 1, switches).accesses for _ in range(training.passes)]
    state.set_mode(training.mode)
    asked = recognise(state, probes, max(training.k, 1), switches)
    right = (asked.category[:, 0] != NOTHING) & ((asked.category[:, 0] & CATEGORY_MASK) == test.labels + 1)
    nearest = KNeighborsClassifier(1, metric="manhattan", algorithm="brute").fit(vectors, labels)
    return Classified(
        dataset=train.name,
        split=test.split,
        trained=len(vectors),
        tested=len(probes),
        components=vectors.shape[1],
        capacity=device.capacity,
        committed=int(np.count_nonzero(state.committed)),
        degenerated=int(np.count_nonzero(state.categories > CATEGORY_MASK)),
        accuracy=float(right.mean()),
        identified_right=float((right & (asked.status == IDENTIFIED)).mean()),
        uncertain=float((asked.status == UNCERTAIN).mean()),
        unknown=float((asked.status == UNKNOWN).mean()),
        nearest_neighbour_accuracy=float(nearest.score(probes, test.labels)),
        learning=joined(taught),
        answers=asked,
        state=state,
        classes=train.classes,
        examples=(vectors, labels + 1),
    )


def components_of(train: np.ndarray, test: np.ndarray, limit: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Return both parts as 8-bit components that fit a neuron.

    Pictures and series are averaged over the smallest square (or time step) that makes them fit; then each channel (a table's
    column) is scaled to 0..255 by its range in the training part. Rows of uint8 are components already.

    Raises
    ------
    AccelsimError
        A table has more columns than a neuron has components.
    """
    if train.ndim == 2 and train.dtype == np.uint8 and train.shape[1] <= limit:
        return train, test
    low = train.min(axis=tuple(range(train.ndim - 1)))
    span = train.max(axis=tuple(range(train.ndim - 1))) - low
    step = _pooling_step(train.shape[1:], limit)

    def converted(inputs: np.ndarray) -> np.ndarray:
        scaled = (_pooled(inputs.astype(np.float64), step) - low) / np.where(span > 0, span, 1)
        return np.round(np.clip(scaled, 0, 1) * LARGEST_COMPONENT).astype(np.uint8).reshape(len(inputs), -1)

    return converted(train), converted(test)


def _pooling_step(shape: tuple[int, ...], limit: int) -> int:
    *extents, channels = shape
    for step in range(1, min(extents, default=1) + 1):
        if np.prod([extent // step for extent in extents]) * channels <= limit:
            return step
    raise AccelsimError("vectors", f"items of shape {shape} do not fit {limit} components")


def _pooled(inputs: np.ndarray, step: int) -> np.ndarray:
    """Average each spatial axis (all but items and channels) over ``step`` places; what does not fill a step is left out."""
    for axis in range(1, inputs.ndim - 1):
        whole = inputs.shape[axis] // step
        inputs = np.take(inputs, range(whole * step), axis=axis)
        inputs = inputs.reshape(*inputs.shape[:axis], whole, step, *inputs.shape[axis + 1 :]).mean(axis=axis + 1)
    return inputs
