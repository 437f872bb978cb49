"""Which network every unit, memory channel and mover works for, over time."""

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from accelsim.reports.figures._axes import scaled
from accelsim.reports.figures._style import SERIES, styled
from accelsim.results.busy import released

FINEST = 1500  # gaps below this part of the picture are not drawn


@styled
def together_timeline(figure, found, colours):
    """Draw a Gantt chart of the servers while all networks run, coloured by network; on the right the share in which each works."""
    trace, plan = found.trace, found.trace.plan
    window = round(found.window_s * 1e12)
    rows = [next(i for i, r in enumerate(plan.resources) if r.name == server["name"]) for server in found.servers]
    figure.set_size_inches(figure.get_figwidth(), 0.95 + 0.27 * len(rows))
    axes = figure.subplots()
    divisor, unit = scaled(found.window_s, "s")
    height = 0.76 / plan.requesters
    for row, server in enumerate(rows):
        for k in range(plan.requesters):
            low = row - 0.38 + k * height
            spans = _spans(trace, server, k, window) * 1e-12 / divisor
            boxes = [[(a, low), (b, low), (b, low + height), (a, low + height)] for a, b in spans]
            axes.add_collection(PolyCollection(boxes, facecolor=colours[SERIES[k % len(SERIES)]], lw=0))
        axes.annotate(f"{found.servers[row]['busy']:.0%}", (1, row), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", fontsize=7, color=colours["muted"])
    names = [plan.resources[server].name for server in rows]
    axes.set(xlim=(0, found.window_s / divisor), ylim=(len(rows) - 0.45, -0.55), xlabel=f"time [{unit}]", yticks=range(len(rows)), yticklabels=names)
    axes.tick_params(axis="y", length=0)
    legend = [Patch(color=colours[SERIES[k % len(SERIES)]], label=f"{one.model} on {'+'.join(one.units) or 'all units'}") for k, one in enumerate(found.networks)]
    figure.legend(handles=legend, loc="lower center", ncols=min(3, len(legend)))


def _spans(trace, server: int, network: int, window: int) -> np.ndarray:
    """Return spans in which a server works for a network, shape (spans, 2) [ps]; invisible gaps are closed."""
    plan = trace.plan
    tasks = np.flatnonzero((plan.resource == server) & (plan.requester == network) & (trace.start < window))
    if not tasks.size:
        return np.zeros((0, 2))
    tasks = tasks[np.argsort(trace.start[tasks], kind="stable")]
    begin, end = trace.start[tasks], np.minimum(np.maximum.accumulate(released(trace)[tasks]), window)
    breaks = np.flatnonzero(begin[1:] - end[:-1] > window / FINEST)
    return np.column_stack([begin[np.append(0, breaks + 1)], end[np.append(breaks, tasks.size - 1)]])
