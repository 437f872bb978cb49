"""Axes that all figures share: scaled units, layers along x, a bare frame."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import StepPatch

from accelsim.results.layer_table import LayerResult

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"), (1e-15, "f"))
MOST_NAMED = 16  # layers whose names fit under their bars
LONGEST_NAME = 26


def scaled(largest: float, unit: str) -> tuple[float, str]:
    """Return (divisor, unit with prefix) that keeps values up to the largest readable."""
    for size, prefix in PREFIXES:
        if largest >= size:
            return size, f"{prefix}{unit}"
    return 1.0, unit


def si(value: float, unit: str, digits: int = 3) -> str:
    """Return a value with unit and prefix, never in powers of ten."""
    size, name = scaled(abs(value), unit)
    text = f"{value / size:.{digits}g}"
    return f"{value / size:.0f} {name}" if "e" in text else f"{text} {name}"


def scaled_bytes(largest: float) -> tuple[float, str]:
    """Return the same for sizes, in binary prefixes."""
    for size, unit in ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB")):
        if largest >= size:
            return size, unit
    return 1.0, "B"


def size(count: float) -> str:
    """Return a size with its binary prefix."""
    divisor, unit = scaled_bytes(count)
    return f"{count / divisor:.4g} {unit}"


def short(name: str) -> str:
    """Return a name that fits, its middle cut out where it must be."""
    if len(name) <= LONGEST_NAME:
        return name
    kept = LONGEST_NAME // 2 - 1
    return f"{name[:kept]}…{name[-kept:]}"


def layers_along_x(axes: Axes, rows: Sequence[LayerResult], width: float) -> None:
    """Put the layers on the x axis: by name where they are few, else by number."""
    count = len(rows)
    axes.set_xlim(-0.6, count - 0.4)
    axes.tick_params(axis="x", length=0)
    if count <= MOST_NAMED * width / 6.6:
        axes.set_xticks(range(count), [short(row.name) for row in rows], rotation=35, ha="right", rotation_mode="anchor")
        return
    step = 5 if count < 120 * width / 6.6 else 20
    axes.set_xticks(np.arange(0, count, step), [str(i) for i in range(0, count, step)])
    axes.set_xlabel("layer (number in the layer table)")


def bars(axes: Axes, where: np.ndarray, wide: np.ndarray | float, low: np.ndarray, high: np.ndarray, **paint: object) -> None:
    """Draw upright bars as one object, which a hundred layers need to be quick."""
    left, right = where - wide / 2, where + wide / 2
    corners = np.stack([np.stack([left, low], 1), np.stack([right, low], 1), np.stack([right, high], 1), np.stack([left, high], 1)], axis=1)
    axes.add_collection(PolyCollection(corners[high > low], **{"lw": 0} | paint))


def steps(axes: Axes, heights: np.ndarray, edges: np.ndarray, base: np.ndarray | float, colour: str) -> None:
    """Fill what lies between steps and their base; the limits of the axes stay as they are set."""
    axes.add_artist(StepPatch(heights, edges, baseline=base, fill=True, color=colour, lw=0))


def name_highest(axes: Axes, heights: Iterable[float], rows: Sequence[LayerResult], colours: dict[str, str], most: int) -> None:
    """Write the names of the highest bars above them, as far as they leave each other room."""
    heights = np.array(list(heights), float)
    room = 0.30 * len(rows)  # a name is about this many bars wide
    written: list[int] = []
    for i in np.argsort(-heights)[: 3 * most].tolist():
        if len(written) < most and all(abs(i - j) > room for j in written):
            side = "left" if i < 0.2 * len(rows) else "right" if i > 0.8 * len(rows) else "center"
            axes.annotate(f"{i} {short(rows[i].name)}", (i, heights[i]), (0, 2.5), textcoords="offset points", ha=side, fontsize=7, color=colours["ink"])
            written.append(i)
    axes.set_ylim(0, (heights.max(initial=0) or 1.0) * (1.14 if written else 1.05))
