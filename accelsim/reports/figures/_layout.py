"""Panels one above another, as large as what is written around them leaves room for.

Matplotlib's constrained layout does this too and more, but measures every label many times; measured once, a report is drawn in far less time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine
from matplotlib.legend import Legend
from matplotlib.text import Text

PT_PER_INCH = 72
PAD, LABEL_PAD = 3.0, 4.0  # around the figure, and between tick labels and the label of an axis [pt]


@dataclass(slots=True)
class Margins:
    """What stands beyond the frame of a panel on each side."""

    left: float
    right: float
    bottom: float
    top: float


GUESS, GUESSED_GAP = Margins(0.55, 0.15, 0.45, 0.25), 0.3  # before anything is measured [inch]


class Stacked(LayoutEngine):
    """Gives equal panels the room between their labels, and labels of y axes one line; legends of the figure stand below."""

    _adjust_compatible = True
    _colorbar_gridspec = False

    def execute(self, fig: Figure) -> None:
        """Set margins, gaps and the places of the axes' labels."""
        panels, pt = fig.axes, fig.dpi / PT_PER_INCH
        renderer = FigureCanvasAgg(fig).get_renderer()
        _place(fig, GUESS, GUESSED_GAP)
        ticks = [_around(axes, _tick_boxes(axes, renderer), pt) for axes in panels]
        across = max(margins.left for margins in ticks) + LABEL_PAD
        below = [margins.bottom + LABEL_PAD for margins in ticks]
        whole = []
        for axes, own, deep in zip(panels, ticks, below, strict=True):
            written = _around(axes, (artist.get_window_extent(renderer) for artist in _writings(axes)), pt)
            left, bottom = (label.get_window_extent(renderer) if label.get_text() else None for label in (axes.yaxis.label, axes.xaxis.label))
            whole.append(Margins(
                max(own.left, written.left, across + left.width / pt if left else 0), max(own.right, written.right),
                max(own.bottom, written.bottom, deep + bottom.height / pt if bottom else 0), max(own.top, written.top),
            ))  # fmt: skip
        legends = sum(legend.get_window_extent(renderer).height / pt + PAD for legend in fig.legends)
        gap = max((upper.bottom + lower.top for upper, lower in zip(whole, whole[1:], strict=False)), default=0)
        edges = Margins(max(m.left for m in whole), max(m.right for m in whole), whole[-1].bottom + legends, whole[0].top)
        _place(fig, Margins(*((side + PAD) / PT_PER_INCH for side in (edges.left, edges.right, edges.bottom, edges.top))), (gap + PAD) / PT_PER_INCH)
        for axes, deep in zip(panels, below, strict=True):
            frame = axes.get_window_extent(renderer)
            axes.yaxis.set_label_coords(-across * pt / frame.width, 0.5)
            axes.xaxis.set_label_coords(0.5, -deep * pt / frame.height)


def _place(fig: Figure, sides: Margins, gap: float) -> None:
    """Place the panels between margins [inch]."""
    width, height = fig.get_size_inches()
    count = len(fig.axes)
    room = height - sides.bottom - sides.top
    panel = max(0.1, (room - gap * (count - 1)) / count)
    fig.subplots_adjust(sides.left / width, sides.bottom / height, 1 - sides.right / width, (sides.bottom + count * panel + gap * (count - 1)) / height, hspace=gap / panel)


def _tick_boxes(axes: Axes, renderer) -> Iterator:
    """Return the boxes of the tick labels of both axes, whose own labels wait within the frame."""
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_label_coords(0.5, 0.5)
        if (box := axis.get_tightbbox(renderer, for_layout_only=True)) is not None:
            yield box


def _writings(axes: Axes) -> Iterator:
    """Return the titles, names and legends of a panel, but not its axes' labels."""
    for child in axes.get_children():
        if child.get_visible() and child.get_in_layout() and (isinstance(child, Legend) or isinstance(child, Text) and child.get_text()):
            yield child


def _around(axes: Axes, boxes: Iterator, pt: float) -> Margins:
    """Return how far boxes reach over the frame of a panel [pt]."""
    frame, margins = axes.get_window_extent(), Margins(0, 0, 0, 0)
    for box in boxes:
        if box.width and box.height:
            margins.left, margins.right = max(margins.left, (frame.x0 - box.x0) / pt), max(margins.right, (box.x1 - frame.x1) / pt)
            margins.bottom, margins.top = max(margins.bottom, (frame.y0 - box.y0) / pt), max(margins.top, (box.y1 - frame.y1) / pt)
    return margins
