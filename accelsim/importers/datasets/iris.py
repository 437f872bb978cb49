"""Fisher's irises: four lengths, three species, as scikit-learn carries them."""

import numpy as np

from accelsim.importers.datasets._dataset import DataSet, split_by


def load() -> tuple[DataSet, DataSet]:
    """Return train and test; inputs have shape (items, 4) and are lengths [cm]."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    return split_by(
        "iris",
        bunch.data.astype(np.float32),
        bunch.target,
        np.arange(len(bunch.target)) % 3 == 2,
        "every third flower of each species",
        classes=tuple(str(name) for name in bunch.target_names),
        source="scikit-learn load_iris: R. A. Fisher, 1936 (UCI Iris)",
        licence="CC BY 4.0",
    )
