"""Chips against networks: a line per chip, and a heat map."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from rich.table import Table

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.quantities import show

# Column, its unit and its title.
FIGURES = {
    "latency_s": ("s", "latency of one warm inference"),
    "energy_j": ("J", "energy of one warm inference"),
    "average_power_w": ("W", "average power"),
    "throughput_per_s": ("1/s", "inferences per second"),
}


def heat_map(rows: Sequence[dict], column: str = "latency_s") -> Figure:
    """Return the heat map of a matrix; what a chip cannot run is grey.

    Parameters
    ----------
    rows : sequence of dict
        As ``studies.matrix.Matrix.rows``.
    column : str
        One of ``FIGURES``.

    Raises
    ------
    AccelsimError
        Another column, or not one figure in it.
    """
    if column not in FIGURES:
        raise not_one_of("column", column, FIGURES)
    unit, title = FIGURES[column]
    chips, models = (list(dict.fromkeys(row[key] for row in rows)) for key in ("chip", "model"))
    values = np.full((len(chips), len(models)), np.nan)
    for row in rows:
        if row[column]:
            values[chips.index(row["chip"]), models.index(row["model"])] = row[column]
    if not np.isfinite(values).any():
        raise AccelsimError(f"heat map of {column}", "no chip and network has this figure")
    figure = Figure(figsize=(3.0 + 0.62 * len(models), 2.2 + 0.23 * len(chips)), layout="constrained")
    plot = figure.add_subplot()
    plot.set_facecolor("#D9D9D9")
    picture = plot.imshow(values, norm=LogNorm(), cmap="cividis", aspect="auto", interpolation="nearest")
    plot.set_xticks(range(len(models)), models, rotation=60, ha="right", fontsize=8)
    plot.set_yticks(range(len(chips)), [_name(chip, rows) for chip in chips], fontsize=8)
    middle = np.sqrt(np.nanmin(values) * np.nanmax(values))
    for y, x in zip(*np.nonzero(np.isfinite(values)), strict=True):
        plot.text(x, y, show(values[y, x], unit, 3), ha="center", va="center", fontsize=5, color="white" if values[y, x] < middle else "black")
    plot.set_title(title, loc="left", fontsize=10)
    figure.colorbar(picture, ax=plot, label=f"{title} [{unit}]", shrink=0.6)
    if np.isnan(values).any():
        figure.legend(handles=[Patch(facecolor="#D9D9D9", label="not run; the table says why")], loc="outside lower left", frameon=False, fontsize=8)
    return figure


def _name(chip: str, rows: Sequence[dict]) -> str:
    fidelity = next((row["fidelity"] for row in rows if row["chip"] == chip and row["fidelity"]), None)
    return f"{chip} *" if fidelity == "speculative" else chip


def chip_lines(rows: Sequence[dict]) -> Table:
    """Return one line per chip: how many networks it runs, between which latencies and energies, and why not the rest."""
    table = Table(title="networks on chips", title_justify="left", header_style="bold")
    for name in ("chip", "fidelity", "precision", "runs", "latency", "energy", "why not the rest (the commonest reason)"):
        table.add_column(name, overflow="fold")
    for chip in dict.fromkeys(row["chip"] for row in rows):
        own = [row for row in rows if row["chip"] == chip]
        ran = [row for row in own if not row["failure"]]
        reasons = [row["failure"].partition(": ")[2] for row in own if row["failure"]]
        table.add_row(
            chip, ran[0]["fidelity"] if ran else "-", ran[0]["precision"] if ran else "-", f"{len(ran)} of {len(own)}", _range(ran, "latency_s", "s"), _range(ran, "energy_j", "J"),
            max(reasons, key=_shape_count(reasons)) if reasons else "",
        )  # fmt: skip
    return table


def _range(rows: Sequence[dict], column: str, unit: str) -> str:
    values = [row[column] for row in rows if row[column]]
    return f"{show(min(values), unit, 3)} to {show(max(values), unit, 3)}" if values else "-"


def _shape_count(reasons: Sequence[str]):
    """Return how often a reason of the same beginning stands among all."""
    return lambda reason: sum(other[:20] == reason[:20] for other in reasons)
