"""What lies where in the memories that hold activations, over time."""

import numpy as np
from matplotlib.collections import PolyCollection

from accelsim.base.errors import AccelsimError
from accelsim.reports.figures._axes import scaled, scaled_bytes, short, size
from accelsim.reports.figures._spans import has_layers, rows_of
from accelsim.reports.figures._style import styled

MOST_NAMES = 6
NARROW = 5.0  # inches


@styled
def memory(figure, result, colours):
    """Draw the arena of every memory that holds activations: each tensor a box of its bytes over its life.

    A tensor lives from the begin of the layer that makes it to the end of the last one that reads it.
    """
    if not has_layers(result):
        raise AccelsimError("figure 'memory'", "needs a network of layers")
    homes = result.mapping.homes
    places = [name for name, peak in homes.peak.items() if peak]
    if not places or result.latency_s is None:
        raise AccelsimError("figure 'memory'", "needs activations in a memory, and times")
    figure.set_size_inches(figure.get_figwidth(), 0.45 + 1.75 * len(places))
    panels = figure.subplots(len(places), 1, sharex=True, squeeze=False)[:, 0]
    lives = _lives(result)
    divisor, unit = scaled(result.trace.makespan * 1e-12, "s")
    for axes, place in zip(panels, places, strict=True):
        _arena(axes, result, place, {n: life for n, life in lives.items() if homes.memory.get(n) == place}, divisor, colours)
    panels[-1].set_xlabel(f"time [{unit}]")


def _lives(result) -> dict[str, tuple[float, float]]:
    """Return begin and end of every tensor [s], from the layers of its first and last use."""
    rows, count = rows_of(result), len(result.mapping.layers)
    begin, end = np.full(count, np.nan), np.full(count, np.nan)
    for choice, row in zip(result.mapping.choices, rows, strict=True):
        begin[choice.layer.index], end[choice.layer.index] = row.start_s, row.end_s
    last = np.nanmax(end)
    for i in range(count):  # a view takes no time: it is where the layer before it ended
        if np.isnan(begin[i]):
            begin[i] = end[i] = end[i - 1] if i else np.nanmin(begin)
    ends = np.append(np.maximum.accumulate(end), last)
    return {name: (float(begin[min(a, count - 1)]), float(ends[min(b, count)])) for name, (a, b) in result.mapping.homes.lives.items() if name in result.mapping.homes.offset}


def _arena(axes, result, place: str, lives: dict[str, tuple[float, float]], time_unit: float, colours: dict[str, str]) -> None:
    homes, capacity = result.mapping.homes, result.mapping.chip.memories[place].capacity
    peak, constants = homes.peak[place], homes.constants.get(place, 0)
    divisor, unit = scaled_bytes(peak)
    boxes, tones = [], []
    for i, (name, (begin, end)) in enumerate(lives.items()):
        low, high = homes.offset[name] / divisor, (homes.offset[name] + homes.sizes[name]) / divisor
        boxes.append([(begin / time_unit, low), (end / time_unit, low), (end / time_unit, high), (begin / time_unit, high)])
        tones.append(colours[("blue", "sky", "green")[i % 3]])
    axes.add_collection(PolyCollection(boxes, facecolors=tones, edgecolors=colours["paper"], linewidths=0.6, alpha=0.5))
    span = result.trace.makespan * 1e-12 / time_unit
    axes.axhline(peak / divisor, color=colours["red"], lw=1, ls=(0, (4, 2)))
    axes.set(xlim=(0, span), ylim=(0, peak / divisor * 1.08), ylabel=f"address in {place} [{unit}]")
    room = f" of {size(capacity)}" if capacity is not None else ""
    break_line = "\n" if axes.figure.get_figwidth() < NARROW else ", "
    staged = result.memories[place]["peak_used_bytes"] - homes.used(place)
    others = [f"{size(count)} of {what}" for count, what in ((constants, "constants"), (staged, "staging")) if count > 0]
    axes.set_title(f"{place}: up to {size(peak)}{room}" + (f"{break_line}beside {' and '.join(others)}" if others else ""))
    for box, name in sorted(zip(boxes, lives, strict=True), key=lambda pair: -_width(pair[0]) * _height(pair[0]))[:MOST_NAMES]:
        if _width(box) > 0.016 * len(short(name)) * span * 6.6 / axes.figure.get_figwidth() and _height(box) > 0.13 * peak / divisor:
            axes.text(box[0][0] + _width(box) / 2, box[0][1] + _height(box) / 2, short(name), ha="center", va="center", fontsize=7, color=colours["ink"])


def _width(box: list) -> float:
    return box[1][0] - box[0][0]


def _height(box: list) -> float:
    return box[2][1] - box[0][1]
