"""Life of a battery over the rate of inferences, a line for each state of rest."""

from collections.abc import Mapping

import matplotlib
import numpy as np

from accelsim.base.errors import not_one_of
from accelsim.reports.figures._style import THEMES, TYPE, WIDTH, Picture

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
    if theme not in THEMES:
        raise not_one_of("theme", theme, THEMES)
    colours = THEMES[theme]
    inks = {"text.color": "ink", "axes.labelcolor": "ink", "xtick.color": "muted", "ytick.color": "muted", "axes.edgecolor": "muted", "figure.facecolor": "paper", "axes.facecolor": "paper", "grid.color": "faint"}
    with matplotlib.rc_context(TYPE | {key: colours[tone] for key, tone in inks.items()}):
        figure = Picture(figsize=(width, 2.4), layout="constrained")
        axes = figure.subplots()
        for index, (state, life) in enumerate(hours.items()):
            axes.loglog(rates, life, color=colours[TONES[index % len(TONES)]], linestyle=("-", "--", ":")[index // len(TONES) % 3], label=state)
        axes.set(xlabel="inferences per second", ylabel="battery life [h]", xlim=(rates[0], rates[-1]))
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.legend(frameon=False)
        return figure
