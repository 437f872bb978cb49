"""Which rows of a table no other row beats."""

from collections.abc import Sequence

import numpy as np

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.results.summary import COLUMNS, LESS_IS_BETTER, MORE_IS_BETTER


PARETO_COLUMNS = ("latency_s", "energy_j")


def front(rows: Sequence[dict], columns: Sequence[str] = PARETO_COLUMNS) -> list[dict]:
    """Return, network by network, the rows that no other equals in every column and beats in one.

    Parameters
    ----------
    rows : sequence of dict
        Those without one of the figures are left out.
    columns : sequence of str
        Of ``LESS_IS_BETTER`` and ``MORE_IS_BETTER``.

    Raises
    ------
    AccelsimError
        A column that has no better and worse, or that no row has a figure in.
    """
    for name in columns:
        if name not in (*LESS_IS_BETTER, *MORE_IS_BETTER):
            raise not_one_of("pareto", name, (*LESS_IS_BETTER, *MORE_IS_BETTER))
    some = [row for row in rows if not row.get("failure")]
    for name in columns:
        if some and all(row[name] is None for row in some):
            raise AccelsimError("pareto", f"no row has a figure in '{name}'", f"it is: {COLUMNS[name]}")
    models = dict.fromkeys(row["model"] for row in rows)
    return [row for model in models for row in _undominated([r for r in rows if r["model"] == model], columns)]


def _undominated(rows: list[dict], columns: Sequence[str]) -> list[dict]:
    known = [row for row in rows if all(row[name] is not None for name in columns)]
    if not known:
        return []
    signs = np.array([-1.0 if name in MORE_IS_BETTER else 1.0 for name in columns])
    costs = np.array([[float(row[name]) for name in columns] for row in known]) * signs
    return [row for row, own in zip(known, costs, strict=True) if not ((costs <= own).all(axis=1) & (costs < own).any(axis=1)).any()]
