"""Bytes per second through every memory channel and mover, over time."""

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.kernels.service import STREAM
from accelsim.reports.figures._axes import scaled, si, steps
from accelsim.reports.figures._colours import colour_of
from accelsim.reports.figures._style import styled
from accelsim.results.busy import released
from accelsim.results.power import spread

WINDOWS = 240


@styled
def bandwidth(figure, result, colours):
    """Draw the bandwidth that each memory channel and mover carries over time, under the most that it can carry (dashed)."""
    trace = result.trace
    used = [i for i, r in enumerate(trace.plan.resources) if r.service == STREAM and trace.plan.amount[trace.plan.resource == i].any()]
    if not used or result.latency_s is None:
        raise AccelsimError("figure 'bandwidth'", "needs a channel of limited bandwidth that is used, and times")
    figure.set_size_inches(figure.get_figwidth(), 0.5 + 0.92 * len(used))
    panels = figure.subplots(len(used), 1, sharex=True, squeeze=False)[:, 0]
    edges = np.linspace(0, trace.makespan, WINDOWS + 1)
    time_unit, seconds = scaled(trace.makespan * 1e-12, "s")
    free = released(trace)
    for axes, i in zip(panels, used, strict=True):
        name = trace.plan.resources[i].name
        tasks = np.flatnonzero(trace.plan.resource == i)
        moved = spread(trace.start[tasks], free[tasks], trace.plan.amount[tasks].astype(float), edges)
        rate, most = moved / (np.diff(edges) * 1e-12), 1e9 / result.mapping.routes.seconds(i, 1e9)
        divisor, unit = scaled(most, "B/s")
        steps(axes, rate / divisor, edges * 1e-12 / time_unit, 0.0, colours[colour_of(result, name)])
        axes.axhline(most / divisor, color=colours["ink"], lw=0.9, ls=(0, (4, 2)))
        axes.set(xlim=(0, edges[-1] * 1e-12 / time_unit), ylim=(0, most / divisor * 1.12), ylabel=unit)
        mean = moved.sum() / (trace.makespan * 1e-12)
        axes.set_title(f"{name}: {si(moved.sum(), 'B')}, mean {mean / most:.0%} of {si(most, 'B/s')}", pad=3)
    panels[-1].set_xlabel(f"time [{seconds}]")
