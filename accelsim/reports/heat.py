"""Temperature and power of a chip that warms up."""

import numpy as np

from accelsim.reports.figures._axes import scaled
from accelsim.reports.figures._layout import Stacked
from accelsim.reports.figures._style import WIDTH, Picture, themed

MOST_POINTS = 2000


def heat_figure(times: np.ndarray, temperatures: np.ndarray, watts: np.ndarray, throttled: np.ndarray, width: float = WIDTH, theme: str = "light") -> Picture:
    """Draw temperature above power over time; shaded where the chip is throttled.

    Parameters
    ----------
    times, temperatures, watts, throttled : ndarray, shape (steps,)
        End of each step [s], temperature then [degC], mean power [W], whether at throttled points.
    width : float
        Of the figure [inch].
    theme : str
        "light" or "dark".

    Raises
    ------
    AccelsimError
        Another theme.
    """
    bounds = np.unique(np.linspace(0, times.size, min(MOST_POINTS, times.size) + 1).astype(int))
    spans = np.diff(times, prepend=0.0)
    last = bounds[1:] - 1
    edges = np.concatenate([[0.0], times[last]])
    mean = np.add.reduceat(watts * spans, bounds[:-1]) / np.diff(edges)
    with themed(theme) as colours:
        figure = Picture(figsize=(width, 3.2), layout=Stacked())
        above, below = figure.subplots(2, 1, sharex=True)
        above.plot(times[last], temperatures[last], color=colours["red"])
        above.set(ylabel="die [degC]")
        unit, name = scaled(float(mean.max()), "W")
        below.stairs(mean / unit, edges, fill=True, color=colours["blue"])
        below.set(ylabel=f"power [{name}]", xlabel="time [s]", xlim=(0, times[-1]), ylim=(0, None))
        slow = throttled[last].astype(float)
        for axes in (above, below):
            axes.fill_between(edges[1:], 0, 1, where=slow > 0, transform=axes.get_xaxis_transform(), step="pre", color=colours["wash"], zorder=0, lw=0)
            axes.grid(axis="y")
            axes.set_axisbelow(True)
        return figure
