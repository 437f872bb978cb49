"""Labelled data with a fixed test split: one file per data set; a user's own .npz or .csv goes the same way.

A file ``datasets/digits.py`` defines ``load() -> tuple of (train, test)``, two ``DataSet``.
"""

from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.rooms import member, members
from accelsim.importers.datasets._dataset import DataSet
from accelsim.importers.datasets._files import load_input, load_labelled
from accelsim.importers.datasets._fit import fit_input

__all__ = ["DataSet", "accuracy", "dataset_names", "fit_input", "load_dataset", "load_input"]


def dataset_names() -> tuple[str, ...]:
    """Return the data sets that are known by name."""
    return members(__name__)


def load_dataset(name: str | Path, part: str = "test") -> DataSet:
    """Return a data set by name, or a user's file.

    Parameters
    ----------
    name : str or path
        A name of ``dataset_names()``, a ``.npz`` with arrays ``x`` (or ``X``) and ``y``, a ``.csv`` with a ``label`` column, or
        MNIST's ``...images-idx3-ubyte`` (plain or ``.gz``) with its file of labels beside it.
    part : str
        "test" (which the shipped networks have never seen) or "train". A user's file is one part and is returned whole.

    Raises
    ------
    AccelsimError
        No such data set or file, or its content is not inputs with labels.
    """
    if part not in ("test", "train"):
        raise not_one_of("data set part", part, ("test", "train"))
    path = Path(name)
    if str(name) not in dataset_names() and (path.suffix.lower() in (".npz", ".csv") or path.exists()):
        return load_labelled(path)
    train, test = member(__name__, str(name), "data set").load()
    return test if part == "test" else train


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the fraction of items whose highest score stands at their label; of equal scores the first counts.

    Parameters
    ----------
    scores : ndarray, shape (items, classes)
    labels : ndarray, shape (items,)

    Raises
    ------
    AccelsimError
        Not one score vector per label, or a label beyond the classes.
    """
    scores = np.asarray(scores).reshape(len(scores), -1)
    labels = np.asarray(labels)
    if len(scores) != len(labels) or not len(labels):
        raise AccelsimError("accuracy", f"{len(scores)} outputs for {len(labels)} labels", "one output vector per label, at least one")
    if labels.min() < 0 or labels.max() >= scores.shape[1]:
        raise AccelsimError("accuracy", f"label {labels.max()} is beyond the {scores.shape[1]} classes of the output")
    return float(np.mean(scores.argmax(axis=1) == labels))
