"""Power over time."""

import numpy as np
from matplotlib.patches import Patch

from accelsim.base.errors import AccelsimError
from accelsim.reports.energy_parts import energy_parts, is_steady
from accelsim.reports.figures._axes import scaled, si, steps
from accelsim.reports.figures._colours import colour_of
from accelsim.reports.figures._style import styled
from accelsim.results.power import WINDOWS, power_over_time


@styled
def power(figure, result, colours):
    """Draw power over time, stacked by component; dashed the mean, which times the run is its energy."""
    over_time = power_over_time(result)
    if over_time is None:
        raise AccelsimError("figure 'power'", f"needs joules and times: {result.why_no_energy or result.why_no_time}")
    figure.set_size_inches(figure.get_figwidth(), 2.35)
    axes = figure.subplots()
    time_unit, seconds = scaled(over_time.edges[-1], "s")
    divisor, unit = scaled(over_time.peak, "W")
    watts = _by_part(result, over_time.watts)
    names = sorted(watts, key=lambda name: (not is_steady(name), -watts[name].sum()))
    base = np.zeros(WINDOWS)
    for name in names:
        top = base + watts[name] / divisor
        steps(axes, top, over_time.edges / time_unit, base, colours[colour_of(result, name)])
        base = top
    mean = float(over_time.total.mean())
    axes.axhline(mean / divisor, color=colours["ink"], lw=0.9, ls=(0, (4, 2)))
    axes.set(xlim=(0, over_time.edges[-1] / time_unit), ylim=(0, base.max() * 1.05), xlabel=f"time [{seconds}]", ylabel=f"power [{unit}]")
    axes.set_title(f"mean {si(mean, 'W')}, peak {si(over_time.peak, 'W')} over {si(over_time.edges[1], 's', 2)}", loc="right")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    figure.legend(handles=[Patch(color=colours[colour_of(result, name)], label=name) for name in names], loc="lower center", ncols=min(len(names), int(figure.get_figwidth())))


def _by_part(result, watts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return power by part: what is drawn while the chip is on is told apart as leakage and clocks, each shape (windows,) [W]."""
    steady = {name: joules for name, joules in energy_parts(result).items() if is_steady(name)}
    parts = {name: drawn for name, drawn in watts.items() if name != "static" and drawn.any()}
    return parts | {name: watts["static"] * (joules / sum(steady.values())) for name, joules in steady.items() if "static" in watts}
