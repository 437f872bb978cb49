"""Handwritten digits, 8 x 8, sixteen grey levels, as scikit-learn carries them."""

import numpy as np

from accelsim.importers.datasets._dataset import DataSet, split_by

ITEMS_FOR_TRAINING = 1347


def load() -> tuple[DataSet, DataSet]:
    """Return train and test; inputs have shape (items, 8, 8, 1) and lie in [0, 1].

    The images stand in the order of their thirteen writers, so the test part (the last 450) is mostly by writers that
    the training part does not show.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return split_by(
        "digits",
        (bunch.images[..., None] / 16).astype(np.float32),
        bunch.target,
        np.arange(len(bunch.target)) >= ITEMS_FOR_TRAINING,
        "the last 450 images",
        classes=tuple(str(name) for name in bunch.target_names),
        source="scikit-learn load_digits: UCI Optical Recognition of Handwritten Digits, E. Alpaydin, C. Kaynak, 1998",
        licence="CC BY 4.0",
    )
