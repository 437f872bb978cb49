"""Labels that cover neither each other nor the points that they name."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

NEAR, FAR, STEPS = 3.5, 24.0, 5  # distances that are tried [pt]
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
PT_PER_INCH = 72


def name_points(axes: Axes, named: Iterable[tuple[float, float, float, str]], others: np.ndarray, colours: dict[str, str], taken: Sequence, highest: float) -> None:
    """Write a name beside each point, the first the most important; one that finds no free place is left out.

    Parameters
    ----------
    named : iterable of (x, y, radius, text)
        In data coordinates; the radius of the point in [pt].
    others : ndarray, shape (points, 2)
        What must stay visible, in data coordinates.
    taken : sequence of Artist
        Texts that stand already.
    highest : float
        Where names may reach up to, in data coordinates.

    The layout must be fixed: nothing may move after this.
    """
    renderer = FigureCanvasAgg(axes.figure).get_renderer()
    room = axes.get_window_extent(renderer)
    room = Bbox.from_extents(room.x0, room.y0, room.x1, axes.transData.transform((1, highest))[1])
    boxes = [artist.get_window_extent(renderer).padded(2) for artist in taken]
    dots = axes.transData.transform(others) if len(others) else np.zeros((0, 2))
    scale = axes.figure.dpi / PT_PER_INCH
    for x, y, radius, text in named:
        point = axes.transData.transform((x, y))
        label = axes.annotate(text, (x, y), (0, 0), textcoords="offset points", fontsize=7, color=colours["ink"], zorder=6)
        size = label.get_window_extent(renderer)
        best = _free_place(point, radius, size.width, size.height, scale, room, boxes, dots)
        if best is None:
            label.remove()
            continue
        boxes.append(best.padded(2))
        label.set_position(((best.x0 - point[0]) / scale, (best.y0 - point[1]) / scale))
        if _gap(best, point) > (radius + 2.5 * NEAR) * scale:
            _leader(axes, point, best, colours)


def _free_place(point, radius: float, width: float, height: float, scale: float, room: Bbox, boxes: list[Bbox], dots: np.ndarray) -> Bbox | None:
    for distance in (radius + np.linspace(NEAR, FAR, STEPS)) * scale:
        for across, up in SIDES:
            x = point[0] + across * distance - (width if across < 0 else width / 2 if across == 0 else 0)
            y = point[1] + up * distance - (height if up < 0 else height / 2 if up == 0 else 0)
            box = Bbox.from_bounds(x, y, width, height)
            inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1
            if inside and not any(box.overlaps(other) for other in boxes) and not box.padded(1.5 * scale).count_contains(dots):
                return box
    return None


def _gap(box: Bbox, point) -> float:
    return float(np.hypot(max(box.x0 - point[0], 0, point[0] - box.x1), max(box.y0 - point[1], 0, point[1] - box.y1)))


def _leader(axes: Axes, point, box: Bbox, colours: dict[str, str]) -> None:
    """Draw a thin line from a point to the nearest place of its label."""
    nearest = (np.clip(point[0], box.x0, box.x1), np.clip(point[1], box.y0, box.y1))
    (x0, y0), (x1, y1) = axes.transData.inverted().transform([point, nearest])
    axes.plot([x0, x1], [y0, y1], color=colours["muted"], lw=0.5, zorder=2, scalex=False, scaley=False)
