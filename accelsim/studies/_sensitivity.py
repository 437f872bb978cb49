"""Which parameter of a sweep matters most."""

from collections.abc import Sequence

import numpy as np


def sensitivity_rows(rows: Sequence[dict], parameters: Sequence[str], figures: Sequence[str]) -> list[dict]:
    """Return per parameter and figure how much of the figure's variation the parameter alone explains, the strongest first.

    The logarithm of the figure, less its mean over each chip and network, is averaged per value of the parameter (its main
    effect). ``share`` is the variance of these means over the whole variance (eta squared of a one-way analysis of
    variance); on a full grid the shares of all parameters add up to at most 1, the rest is interaction. ``ratio`` is the
    highest over the lowest geometric mean, ``lowest_at`` and ``highest_at`` the values at which they stand.

    Parameters
    ----------
    rows : sequence of dict
        Points; those without the figure, or with a figure of 0, are left out.
    """
    found = []
    for figure in figures:
        known = [row for row in rows if row.get(figure)]
        if len(known) > 1:
            logs = _centred(known, np.log([float(row[figure]) for row in known]))
            found += [_effect(known, logs, parameter, figure) for parameter in parameters]
    return sorted(found, key=lambda row: (figures.index(row["figure"]), -row["share"]))


def _centred(rows: Sequence[dict], logs: np.ndarray) -> np.ndarray:
    groups = np.unique([f"{row['chip']}\0{row['model']}" for row in rows], return_inverse=True)[1]
    return logs - (np.bincount(groups, logs) / np.bincount(groups))[groups]


def _effect(rows: Sequence[dict], logs: np.ndarray, parameter: str, figure: str) -> dict:
    values, groups = np.unique([str(row.get(parameter)) for row in rows], return_inverse=True)
    counts = np.bincount(groups)
    means = np.bincount(groups, logs) / counts
    whole = float((logs**2).sum())
    low, high = int(means.argmin()), int(means.argmax())
    return {
        "parameter": parameter,
        "figure": figure,
        "share": float((counts * means**2).sum()) / whole if whole > 0 else 0.0,
        "ratio": float(np.exp(means[high] - means[low])),
        "lowest_at": str(values[low]),
        "highest_at": str(values[high]),
    }
