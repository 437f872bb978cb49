"""Roofline: the rate of every layer under the rate that its unit and its memories allow."""

import math

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from accelsim.base.errors import AccelsimError
from accelsim.mapping.choice import Choice
from accelsim.reports.figures._axes import si
from accelsim.reports.figures._colours import colour_of
from accelsim.reports.figures._labels import name_points
from accelsim.reports.figures._spans import layer_spans
from accelsim.reports.figures._style import WIDTH, styled
from accelsim.results.result import Result

OPERATIONS_PER_MAC = 2
MOST_NAMES = 8
SAMPLES = 60
MOST_WRITTEN = 1e6  # an intensity that is written out


@styled
def roofline(figure, result, colours):
    """Draw the roofline of a result, one point a layer.

    A layer stands at its operations per byte of the channel that it keeps busiest, under the roof of that channel; the area of its point
    is its share of the time. Named are the layers that lose the most time against their roof.

    References
    ----------
    S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model", CACM 52(4), 2009.
    """
    points = [point for choice, seconds in layer_spans(result) if (point := _point(result, choice, seconds)) is not None]
    if not points or result.latency_s is None:
        raise AccelsimError("figure 'roofline'", "needs layers with multiply-accumulates, a clock, and a memory channel of limited bandwidth")
    figure.set_size_inches(figure.get_figwidth(), max(2.9, 0.6 * figure.get_figwidth()))
    axes = figure.subplots()
    axes.set(xscale="log", yscale="log", xlabel="operations per byte of the layer's busiest channel", ylabel="operations per second")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: si(value, "OPS")))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}" if value < MOST_WRITTEN else f"{value:.0e}"))
    axes.grid(which="major", zorder=0)
    x, y = np.array([p["intensity"] for p in points]), np.array([p["rate"] for p in points])
    channels = sorted({p["channel"] for p in points}, key=lambda c: -sum(p["seconds"] for p in points if p["channel"] == c))
    tones = {channel: colour_of(result, channel) for channel in channels}
    roofs = {p["unit"]: p["peak"] for p in points}
    low, high = 10 ** np.floor(np.log10(x.min())), 10 ** np.ceil(np.log10(x.max()) + 0.3)
    axes.set(xlim=(low, high), ylim=(10 ** np.floor(np.log10(y.min()) - 0.1), max(roofs.values()) * 2))
    total = sum(p["seconds"] for p in points)
    for channel, tone in tones.items():
        own = [p for p in points if p["channel"] == channel]
        area = [_area(p, total) for p in own]
        label = f"busiest: {channel} ({len(own)} layer{'s' if len(own) > 1 else ''})"
        # The two channels of one memory have its colour: points of the one that is written are hollow.
        paint = {"fc": colours["paper"], "ec": colours[tone], "lw": 1.0} if channel.endswith(".write") else {"fc": colours[tone], "ec": colours["paper"], "lw": 0.6, "alpha": 0.72}
        axes.scatter([p["intensity"] for p in own], [p["rate"] for p in own], area, zorder=4, label=label, **paint)
    legend = figure.legend(loc="lower center", ncols=max(1, int(figure.get_figwidth() / 2.2)))
    for handle in legend.legend_handles:
        handle.set_sizes([28])
    written = _draw_roofs(axes, roofs, points, tones, colours, (low, high))
    roof_dots = np.concatenate([_dots_along(line) for line in axes.lines])
    named = [(p["intensity"], p["rate"], math.sqrt(_area(p, total) / math.pi), p["name"]) for p in _worth_a_name(points, figure.get_figwidth())]
    name_points(axes, named, np.concatenate([np.column_stack([x, y]), roof_dots]), colours, written, max(roofs.values()))


def _area(point: dict, total: float) -> float:
    """Return a point's area [pt2]: its share of the time, and enough to be seen."""
    return max(10.0, 900 * point["seconds"] / total)


def _worth_a_name(points: list[dict], width: float) -> list[dict]:
    """Return in turn the layers that take longest and those that lose most time against their roof."""
    longest = sorted(points, key=lambda p: -p["seconds"])
    losing = sorted(points, key=lambda p: -p["seconds"] * (1 - p["rate"] / p["roof"]))
    ranked = {id(p): p for pair in zip(longest, losing, strict=True) for p in pair}
    return list(ranked.values())[: max(3, round(MOST_NAMES * width / WIDTH))]


def _point(result: Result, choice: Choice, seconds: float) -> dict | None:
    """Return where a layer stands; None without multiply-accumulates."""
    unit, peak, asked = choice.layer.unit, 0.0, {}
    described = result.mapping.chip.units[unit]
    peak = OPERATIONS_PER_MAC * described.peak_macs_per_cycle * (described.clock or 0)
    resources = result.mapping.routes.resources
    for stream in choice.streams:
        for hop, amount in stream.loads:
            if hop.resource is not None and amount:
                asked[hop.resource] = asked.get(hop.resource, 0) + amount
    if not choice.layer.macs or not asked or not seconds or not peak:
        return None
    busiest = max(asked, key=lambda r: asked[r] / rate_of(result, r))
    operations, bandwidth = OPERATIONS_PER_MAC * choice.layer.macs, rate_of(result, busiest)
    intensity = operations / asked[busiest]
    return {"name": choice.layer.name, "unit": unit, "peak": peak, "channel": resources[busiest].name, "bandwidth": bandwidth, "intensity": intensity, "rate": operations / seconds, "roof": min(peak, intensity * bandwidth), "seconds": seconds}  # fmt: skip


def rate_of(result: Result, resource: int) -> float:
    """Return the bandwidth of a channel [B/s]."""
    return 1e9 / result.mapping.routes.seconds(resource, 1e9)


def _draw_roofs(axes, roofs: dict[str, float], points: list[dict], tones: dict[str, str], colours: dict[str, str], span: tuple[float, float]) -> list:
    """Draw peaks and slopes, each with its name along it; return the names."""
    texts = []
    top = max(roofs.values())
    for unit, peak in roofs.items():
        axes.plot(span, [peak, peak], color=colours["ink"], lw=1.2, zorder=3)
        texts.append(axes.text(span[1], peak * 1.12, f"{unit}: {si(peak, 'OPS')} ", ha="right", va="bottom", fontsize=7, color=colours["ink"], zorder=6))
    by_rate: dict[float, list[str]] = {}
    for p in points:
        names = by_rate.setdefault(p["bandwidth"], [])
        if p["channel"] not in names:
            names.append(p["channel"])
    slopes, lowest = [], axes.get_ylim()[0]
    for bandwidth, names in by_rate.items():
        knee = top / bandwidth
        begin = max(span[0], lowest / bandwidth)
        axes.plot([begin, min(knee, span[1])], [begin * bandwidth, min(top, span[1] * bandwidth)], color=colours[tones[names[0]]], lw=1.2, zorder=3)
        texts.append(axes.text(begin, begin * bandwidth, f"{', '.join(names)}: {si(bandwidth, 'B/s')}", rotation_mode="anchor", va="bottom", ha="left", fontsize=7, color=colours["ink"], zorder=6))
        slopes.append((texts[-1], begin, min(knee, span[1]), bandwidth))
    _set_along(axes, slopes, np.array([(p["intensity"], p["rate"]) for p in points]))
    return texts


def _set_along(axes, slopes: list, points: np.ndarray) -> None:
    """Set the name of each slope along it, where fewest points lie, once the layout has fixed how steep it is."""
    axes.figure.get_layout_engine().execute(axes.figure)
    axes.figure.set_layout_engine("none")  # all else stands inside the axes
    dots, scale = axes.transData.transform(points), axes.figure.dpi / 72
    for text, begin, end, bandwidth in slopes:
        first, last = axes.transData.transform([(begin, begin * bandwidth), (end, end * bandwidth)])
        length, extent = float(np.hypot(*(last - first))), text.get_window_extent()
        along = (last - first) / length
        if length < 1.25 * extent.width:  # too short: level, beside its middle
            text.set(position=axes.transData.inverted().transform((first + last) / 2 + np.array([6, -12]) * scale))
            continue
        across = np.array([-along[1], along[0]])
        places = np.linspace(0.04, 0.96 - extent.width / length, 12) * length
        crowd = [np.hypot((np.clip(t := (dots - first) @ along, s, s + extent.width) - t), (dots - first) @ across - 4 * scale).min() for s in places]
        best = places[int(np.argmax(np.minimum(crowd, 14 * scale)))]
        text.set(position=axes.transData.inverted().transform(first + best * along + 2 * scale * across), rotation=math.degrees(math.atan2(along[1], along[0])))


def _dots_along(line: Line2D) -> np.ndarray:
    """Return a roof as close dots, so that names keep off it; shape (SAMPLES, 2)."""
    return np.column_stack([np.geomspace(*ends, SAMPLES) for ends in line.get_data()])
