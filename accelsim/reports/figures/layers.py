"""Time and energy of every layer."""

import numpy as np
from matplotlib.patches import Patch

from accelsim.base.errors import AccelsimError
from accelsim.reports.figures._axes import MOST_NAMED, bars, layers_along_x, name_highest, scaled
from accelsim.reports.figures._colours import colour_of
from accelsim.reports.figures._spans import interleaved, own_times, rows_of
from accelsim.reports.figures._style import styled


@styled
def layers(figure, result, colours):
    """Draw the time of every layer, coloured by what bounds it, and its dynamic energy by component.

    Shaded are layers that are done depth first: they take turns at their unit, and their time is that of their turns.
    """
    if result.latency_s is None:
        raise AccelsimError("figure 'layers'", f"needs times: {result.why_no_time}")
    rows, width = rows_of(result), figure.get_figwidth()
    panels = 2 if result.energy_j is not None and any(term.joules for term in result.terms if term.layer >= 0) else 1
    few = len(rows) <= MOST_NAMED * width / 6.6
    figure.set_size_inches(width, (1.75 if panels == 2 else 2.0) * panels + (0.7 if few else 0.3))
    axes = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
    _times(axes[0], rows, result, colours, few)
    if panels == 2:
        _energies(axes[1], rows, result, colours, few)
    layers_along_x(axes[-1], rows, width)
    if panels == 2:
        axes[0].tick_params(axis="x", labelbottom=False)
    for group in interleaved(result):
        for panel in axes:
            panel.axvspan(group[0] - 0.46, group[-1] + 0.46, color=colours["wash"], lw=0, zorder=0)


def _times(axes, rows, result, colours, few: bool) -> None:
    seconds = own_times(result)
    divisor, unit = scaled(max(seconds), "s")
    bound = [row.unit if row.bound_by == "compute" else row.bound_by for row in rows]
    tones = {name: colour_of(result, name) for name in sorted(set(bound), key=lambda n: -sum(s for s, b in zip(seconds, bound, strict=True) if b == n))}
    heights = [one / divisor for one in seconds]
    bars(axes, np.arange(len(rows)), 0.82, np.zeros(len(rows)), np.array(heights) + 1e-12, facecolors=[colours[tones[name]] for name in bound])
    axes.set_ylabel(f"time [{unit}]")
    _legend(axes, {f"bound by {name}": tone for name, tone in tones.items()}, colours)
    name_highest(axes, heights, rows, colours, 0 if few else 3)
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def _energies(axes, rows, result, colours, few: bool) -> None:
    index = {choice.layer.index: i for i, choice in enumerate(result.mapping.choices)}
    parts: dict[str, list[float]] = {}
    for term in result.terms:
        if term.layer in index:
            parts.setdefault(term.component, [0.0] * len(rows))[index[term.layer]] += term.joules
    divisor, unit = scaled(max((sum(column) for column in zip(*parts.values(), strict=True)), default=0.0), "J")
    base = np.zeros(len(rows))
    for name, joules in sorted(parts.items(), key=lambda part: -sum(part[1])):
        top = base + np.array(joules) / divisor
        bars(axes, np.arange(len(rows)), 0.82, base, top, facecolors=colours[colour_of(result, name)])
        base = top
    axes.set_ylabel(f"energy [{unit}]")
    _legend(axes, {name: colour_of(result, name) for name in sorted(parts, key=lambda n: -sum(parts[n])) if sum(parts[name])}, colours)
    name_highest(axes, base, rows, colours, 0 if few else 3)
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def _legend(axes, tones: dict[str, str], colours) -> None:
    axes.legend([Patch(color=colours[tone]) for tone in tones.values()], list(tones), loc="lower left", bbox_to_anchor=(0, 1.0), ncols=max(2, int(axes.figure.get_figwidth() / 1.3)), borderaxespad=0.1)
