"""What every layer spends its time on: computing, or waiting for which memory or mover."""

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.reports.figures._axes import MOST_NAMED, bars, layers_along_x
from accelsim.reports.figures._colours import colour_of
from accelsim.reports.figures._spans import rows_of, spent_times
from accelsim.reports.figures._style import styled
from accelsim.results.busy import COMPUTE, WAITING


@styled
def bounds(figure, result, colours):
    """Draw what bounds each layer: the shares of its time in which its unit computes, or waits while another server works.

    The last bar is the sum over all layers.
    """
    if result.latency_s is None:
        raise AccelsimError("figure 'bounds'", f"needs times: {result.why_no_time}")
    rows, width = rows_of(result), figure.get_figwidth()
    few = len(rows) <= MOST_NAMED * width / 6.6
    spent = spent_times(result)
    names = sorted({name for one in spent for name in one}, key=lambda n: (n != COMPUTE, n == WAITING, -sum(one.get(n, 0.0) for one in spent)))
    figure.set_size_inches(width, 2.35 + (0.65 if few else 0.3) + 0.16 * (len(names) // int(width / 1.75)))
    axes = figure.subplots()
    seconds = np.array([[one.get(name, 0.0) for name in names] for one in spent])
    whole = seconds.sum(axis=0)
    shares = 100 * np.vstack([seconds, whole]) / np.maximum(np.append(seconds.sum(axis=1), whole.sum()), 1e-30)[:, None]
    where = np.append(np.arange(len(rows)), len(rows) + 0.02 * len(rows) + _whole_width(rows) / 2)
    wide = np.append(np.full(len(rows), 0.82), _whole_width(rows))
    base = np.zeros(where.size)
    for i, name in enumerate(names):
        label = f"waits for {name}" if name not in (COMPUTE, WAITING) else "computes" if name == COMPUTE else name
        bars(axes, where, wide, base, base + shares[:, i], label=label, **_paint(result, name, colours))
        base = base + shares[:, i]
    layers_along_x(axes, rows, width)
    axes.set_xlim(-0.6, where[-1] + wide[-1] / 2 + 0.2)
    axes.set_xticks([*axes.get_xticks(), where[-1]], [*(t.get_text() for t in axes.get_xticklabels()), "all"])
    axes.set(ylim=(0, 100), ylabel="share of the layer's time [%]")
    figure.legend(loc="lower center", ncols=max(2, int(width / 1.75)))


def _whole_width(rows) -> float:
    return max(1.0, 0.05 * len(rows))


def _paint(result, name: str, colours: dict[str, str]) -> dict:
    """Return the colour of one share; the two channels of one memory differ by hatching."""
    if name == COMPUTE:
        return {"facecolor": colours["faint"]}
    hatch = "////" if name.endswith(".write") else None
    return {"facecolor": colours[colour_of(result, name)], "hatch": hatch, "edgecolor": colours["paper"], "linewidth": 0.0}
