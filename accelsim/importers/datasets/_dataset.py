"""What a data set is: inputs, labels, the names of the classes, where it comes from and which part is held out."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False, slots=True)
class DataSet:
    """Inputs with labels.

    Attributes
    ----------
    inputs : ndarray, shape (items, ...)
        Float32 real values, uint8 pixels, or a model's own integer codes.
    labels : ndarray, shape (items,), int64
        Indices into ``classes``.
    split : str
        Which items these are.
    source, licence : str
        Where the data come from and under which terms.
    """

    name: str
    inputs: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    split: str
    source: str
    licence: str

    def __len__(self) -> int:
        return len(self.labels)


def split_by(
    name: str, inputs: np.ndarray, labels: np.ndarray, is_test: np.ndarray, rule: str, classes: tuple[str, ...], source: str, licence: str
) -> tuple[DataSet, DataSet]:
    """Return the train and test parts of one array under a stated rule.

    Parameters
    ----------
    is_test : ndarray, shape (items,), bool
    rule : str
        The test rule in words, for the reports.
    """
    labels = np.ascontiguousarray(labels, dtype=np.int64)

    def part(chosen: np.ndarray, word: str) -> DataSet:
        split = f"{word}: {np.count_nonzero(chosen)} items; test = {rule}"
        return DataSet(name, np.ascontiguousarray(inputs[chosen]), labels[chosen], classes, split, source, licence)

    return part(~is_test, "train"), part(is_test, "test")
