"""Synthetic heart beats, normal and stretched, as the aeon package carries them (an optional dependency)."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.importers.datasets._dataset import DataSet, split_by

BEAT = 20


def load() -> tuple[DataSet, DataSet]:
    """Return train and test; inputs have shape (items, 20): one beat of a generated electrocardiogram.

    A beat is anomalous if one of its samples is marked so.

    Raises
    ------
    AccelsimError
        aeon is not installed.
    """
    found = find_spec("aeon")
    if found is None or not found.submodule_search_locations:
        raise AccelsimError("data set ecg", "needs the package aeon, which is not installed", "pip install --no-deps aeon")
    folder = Path(found.submodule_search_locations[0]) / "datasets" / "data" / "UnitTest"
    tables = [np.loadtxt(folder / f"ecg-diff-count-3_{part}.csv", delimiter=",", skiprows=1) for part in ("TRAIN_A", "TEST")]
    inputs, marks = (np.concatenate([table[:, column].reshape(-1, BEAT) for table in tables]) for column in (1, 2))
    return split_by(
        "ecg",
        inputs.astype(np.float32),
        marks.any(axis=1),
        np.arange(len(inputs)) >= len(inputs) // 2,
        "the second of two generated traces",
        classes=("normal", "anomalous"),
        source="aeon: ecg-diff-count-3 of the GutenTAG generator, P. Wenig, S. Schmidl, T. Papenbrock, 2022",
        licence="BSD 3-Clause (aeon)",
    )
