"""Which layer every unit, memory channel and mover works on, over time."""

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from accelsim.mapping.plan import COMPUTE, MILESTONE, MOVE, READ, ROLES, START, WRITE
from accelsim.reports.figures._axes import scaled, short
from accelsim.reports.figures._spans import has_layers, rows_of
from accelsim.reports.figures._style import styled
from accelsim.results.busy import busy, released

TONES = {COMPUTE: "blue", READ: "green", WRITE: "orange", MOVE: "pink", START: "grey"}
WORDS = {COMPUTE: "computes", READ: "is read", WRITE: "is written", MOVE: "moves", START: "driver"}
FINEST = 1500  # gaps below this part of the run are not drawn
MOST_NAMES = 5


@styled
def timeline(figure, result, colours):
    """Draw a Gantt chart of units, memory channels and movers; on the right the share of the run in which each works."""
    trace = result.trace
    used = [i for i in range(len(trace.plan.resources)) if trace.plan.amount[trace.plan.resource == i].any()]
    names = [trace.plan.resources[i].name for i in used]
    figure.set_size_inches(figure.get_figwidth(), 0.95 + 0.27 * len(names))
    axes = figure.subplots()
    clockless = result.latency_s is None
    divisor, unit = (1e-9, "cycle of 1 ns") if clockless else scaled(trace.makespan * 1e-12, "s")
    shown: dict[int, Patch] = {}
    seen = busy(trace)
    width = np.diff(seen.edges)
    for row, server in enumerate(used):
        for role in TONES:
            spans = merged(trace, server, role)
            if spans.size:
                x = spans * 1e-12 / divisor
                axes.add_collection(PolyCollection([[(a, row - 0.36), (b, row - 0.36), (b, row + 0.36), (a, row + 0.36)] for a, b in x], facecolor=colours[TONES[role]], lw=0))
                shown[role] = Patch(color=colours[TONES[role]], label=WORDS[role])
        share = (seen.working[server] * width).sum() / max(1, trace.makespan)
        axes.annotate(f"{share:.0%}" if share >= 0.005 else "<1%", (1, row), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", fontsize=7, color=colours["muted"])
    axes.set(xlim=(0, trace.makespan * 1e-12 / divisor), ylim=(len(names) - 0.45, -0.55), xlabel=f"time [{unit}]", yticks=range(len(names)), yticklabels=names)
    axes.tick_params(axis="y", length=0)
    axes.annotate("busy", (1, -0.62), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="bottom", fontsize=7, color=colours["muted"])
    if has_layers(result):
        _name_layers(axes, result, divisor, colours)
    order = [role for role in range(len(ROLES)) if role in shown]
    figure.legend(handles=[shown[role] for role in order], loc="lower center", ncols=len(order))


def merged(trace, resource: int, role: int) -> np.ndarray:
    """Return spans in which a server does tasks of one role, shape (spans, 2) [ps]; invisible gaps are closed."""
    plan = trace.plan
    tasks = np.flatnonzero((plan.resource == resource) & (plan.role == role) & (plan.role != MILESTONE))
    tasks = tasks[np.argsort(trace.start[tasks], kind="stable")]
    begin, end = trace.start[tasks], np.maximum.accumulate(released(trace)[tasks]) if tasks.size else trace.start[tasks]
    if not tasks.size:
        return np.zeros((0, 2))
    breaks = np.flatnonzero(begin[1:] - end[:-1] > trace.makespan / FINEST)
    first, last = np.append(0, breaks + 1), np.append(breaks, tasks.size - 1)
    return np.column_stack([begin[first], end[last]])


def _name_layers(axes, result, divisor: float, colours: dict[str, str]) -> None:
    """Name the longest layers above the chart, where they have room, and mark where they begin and end."""
    rows = rows_of(result)
    whole = result.trace.makespan * 1e-12
    taken: list[tuple[float, float]] = []
    for row in sorted(rows, key=lambda r: -r.seconds)[:MOST_NAMES]:
        middle, half = (row.start_s + row.end_s) / 2 / whole, 0.0055 * len(short(row.name)) * 6.6 / axes.figure.get_figwidth()
        low, high = middle - half, middle + half
        if low < 0 or high > 1 or any(low < b and a < high for a, b in taken):
            continue
        taken.append((low, high))
        for edge in (row.start_s, row.end_s):
            axes.axvline(edge / divisor, color=colours["muted"], lw=0.5, ls=(0, (2, 2)))
        axes.annotate(short(row.name), (middle, 1), (0, 3), xycoords="axes fraction", textcoords="offset points", ha="center", fontsize=7, color=colours["ink"])
