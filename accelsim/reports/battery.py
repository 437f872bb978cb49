"""Life of a battery over the rate of inferences, a line for each state of rest."""

from collections.abc import Mapping

import numpy as np

from accelsim.reports.figures._layout import Stacked
from accelsim.reports.figures._style import WIDTH, Picture, themed

TONES = ("blue", "red", "ink", "muted")


def battery_figure(rates: np.ndarray, hours: Mapping[str, np.ndarray], width: float = WIDTH, theme: str = "light") -> Picture:
    """Draw the life of a battery over the rate of inferences, both logarithmic.

    Parameters
    ----------
    rates : ndarray, shape (points,)
        Inferences per second.
    hours : mapping of state to ndarray, shape (points,)
        Life with each state of rest [h]; NaN where it is too slow to wake.
    width : float
        Of the figure [inch].
    theme : str
        "light" or "dark".

    Raises
    ------
    AccelsimError
        Another theme.
    """
    with themed(theme) as colours:
        figure = Picture(figsize=(width, 2.4), layout=Stacked())
        axes = figure.subplots()
        for index, (state, life) in enumerate(hours.items()):
            axes.loglog(rates, life, color=colours[TONES[index % len(TONES)]], linestyle=("-", "--", ":")[index // len(TONES) % 3], label=state)
        axes.set(xlabel="inferences per second", ylabel="battery life [h]", xlim=(rates[0], rates[-1]))
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.legend(frameon=False)
        return figure
