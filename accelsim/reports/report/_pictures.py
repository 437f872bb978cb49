"""The figures of a report: which, with what caption and what text instead, and as SVG inside a page."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from accelsim.base.errors import AccelsimError
from accelsim.reports import figures
from accelsim.reports.energy_parts import energy_parts
from accelsim.reports.figures._axes import size
from accelsim.reports.figures._spans import interleaved, own_times, rows_of
from accelsim.reports.figures._style import THEMES, Picture, picture_bytes
from accelsim.reports.report._tables import quantity
from accelsim.results.result import Result


@dataclass(frozen=True, slots=True)
class Shown:
    """A drawn figure with its words."""

    name: str
    title: str
    caption: str
    instead: str
    figure: Picture


@dataclass(frozen=True, slots=True)
class Pictures:
    """The drawn figures, and why others are not: {reason: titles}."""

    shown: tuple[Shown, ...]
    missing: dict[str, list[str]]


WORDS: dict[str, tuple[str, str, Callable[[Result], str]]] = {
    "roofline": (
        "Roofline",
        "Each layer under the roof of its unit and of the channel that it keeps busiest; the area of a point is its share of the time. "
        "A point above its slope had bytes fetched ahead, while an earlier layer ran.",
        lambda r: f"A scatter of {len(r.layer_rows)} layers: operations per second over operations per byte, both logarithmic, with the peak of the units and the bandwidths of the memories as roofs.",
    ),
    "layers": ("Time and energy of each layer", "Time in which a layer has its unit, coloured by what bounds it", lambda r: _longest(r)),
    "bounds": (
        "What bounds each layer",
        "Share of each layer's time in which its unit computes, or waits while another server works; servers that work at once share the moment.",
        lambda r: "Stacked bars, one a layer and one for all: shares of time that go to computing and to waiting for each memory channel and mover. The summary above names the largest.",
    ),
    "timeline": ("Timeline", "Units, memory channels and movers over the simulated run; on the right how much of it each works.", lambda r: f"A Gantt chart of {len(r.units)} units and the channels and movers beside them."),
    "memory": (
        "Memory over time",
        "Every activation as a box of its bytes over its life in the memories that hold activations; dashed the highest byte in use.",
        lambda r: "Arena maps: " + ", ".join(f"{name} peaks at {size(m['peak_used_bytes'])} in use" for name, m in r.memories.items() if m["peak_used_bytes"]) + ".",
    ),
    "power": ("Power over time", "Mean power in equal windows, stacked by component; dashed the mean of the run.", lambda r: f"Power over time, stacked by component; mean {quantity(r.average_power_w, 'W', 3)} over one inference, its peak stands in the summary."),
    "bandwidth": ("Bandwidth over time", "Bytes per second of every memory channel and mover; dashed the most that it can carry.", lambda r: "One panel for each memory channel and mover with its bandwidth over time; the timeline gives their shares of the run."),
    "energy": (
        "Energy by component",
        "Energy of one inference; each bar is cut by the grade of the figures that it rests on",
        lambda r: "Bars: " + ", ".join(f"{name} {quantity(j, 'J', 3)}" for name, j in energy_parts(r).items()) + ".",
    ),
}  # fmt: skip


def _longest(result: Result) -> str:
    rows = sorted(zip(own_times(result), rows_of(result), strict=True), key=lambda pair: -pair[0])[:3]
    return "Bars of time and energy by layer; the longest are " + ", ".join(f"{row.name} with {quantity(seconds, 's', 3)}" for seconds, row in rows) + "."


def _of_layers(result: Result) -> str:
    dynamic = "; dynamic energy by component" if any(term.joules for term in result.terms if term.layer >= 0) else ""
    return dynamic + (". Shaded: layers that are done depth first and take turns at their unit" if interleaved(result) else "")


def _of_energy(result: Result) -> str:
    return "; a clock draws per cycle while the chip is on, static is what leaks" if any(name.endswith(" clock") for name in energy_parts(result)) else ""


MORE: dict[str, Callable[[Result], str]] = {"layers": _of_layers, "energy": _of_energy}


def pictures(result: Result) -> Pictures:
    """Draw every figure that the result has the data for."""
    shown: list[Shown] = []
    missing: dict[str, list[str]] = {}
    for name, (title, caption, instead) in WORDS.items():
        try:
            figure = getattr(figures, name)(result)
            shown.append(Shown(name, title, f"{caption}{MORE[name](result)}." if name in MORE else caption, instead(result), figure))
        except AccelsimError as error:
            missing.setdefault(error.message, []).append(title)
    return Pictures(tuple(shown), missing)


def inline_svg(picture: Shown) -> str:
    """Return a figure as SVG for a page: its ids its own, its colours the page's, described for those who do not see it."""
    text = picture_bytes(picture.figure, "svg").decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<style type=\"text/css\">.*?</style>", "", text, flags=re.S)
    text = re.sub(r'\b(id|xlink:href)="(#?)', rf'\1="\2{picture.name}-', text)
    text = text.replace("url(#", f"url(#{picture.name}-").replace("xlink:href", "href")
    for tone, value in THEMES["light"].items():
        text = text.replace(value, f"var(--{tone})")
    # New lines that matplotlib puts between the points of paths are as good as spaces.
    text = re.sub(r"\s*\n\s*", " ", text)
    box = re.search(r'viewBox="([^"]*)"', text).group(1)
    head = f'<svg class="plot" viewBox="{box}" role="img" aria-labelledby="{picture.name}-title {picture.name}-desc">'
    words = f'<title id="{picture.name}-title">{escape(picture.title)}</title><desc id="{picture.name}-desc">{escape(picture.instead)}</desc>'
    return head + words + text[text.index(">") + 1 :]


def theme_rules() -> dict[str, str]:
    """Return the colours of each theme as CSS declarations."""
    return {name: " ".join(f"--{tone}:{value};" for tone, value in tones.items()) for name, tones in THEMES.items()}
