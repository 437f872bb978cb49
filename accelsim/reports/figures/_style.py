"""The one style of all figures: size, type, colours for light and dark, and how a figure is saved."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import MappingProxyType

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.base.files import write_whole
from accelsim.reports.figures._layout import Stacked
from accelsim.results.result import Result

WIDTH = 6.6  # inches; the text width of a page, and two thirds of a screen
FORMATS = ("png", "svg", "pdf")
DPI = 200

# Okabe and Ito's colours, told apart by all common kinds of colour vision; on dark paper their lighter kin.
THEMES = MappingProxyType({
    "light": {
        "paper": "#ffffff", "ink": "#1b1f24", "muted": "#57606a", "faint": "#d5dbe1", "wash": "#f0f3f6",
        "blue": "#0072b2", "orange": "#e69f00", "green": "#009e73", "pink": "#cc79a7", "sky": "#56b4e9", "red": "#d55e00", "yellow": "#d9c400", "grey": "#8c959f",
    },
    "dark": {
        "paper": "#11161c", "ink": "#e8edf2", "muted": "#a3afbb", "faint": "#343d47", "wash": "#1b222a",
        "blue": "#4aa3df", "orange": "#f2b632", "green": "#2dc79b", "pink": "#e39bc4", "sky": "#93d3f8", "red": "#ff8040", "yellow": "#f0e05a", "grey": "#87929d",
    },
})  # fmt: skip
SERIES = ("blue", "orange", "green", "pink", "sky", "red", "yellow")
TYPE = {
    "font.family": "DejaVu Sans", "font.size": 8, "axes.titlesize": 8.5, "axes.labelsize": 8, "xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "legend.fontsize": 7.5,
    "axes.titlelocation": "left", "axes.titlepad": 6, "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7, "lines.linewidth": 1.3,
    "xtick.major.width": 0.7, "ytick.major.width": 0.7, "xtick.minor.width": 0.5, "ytick.minor.width": 0.5, "grid.linewidth": 0.5,
    "legend.frameon": False, "legend.handlelength": 1.2, "legend.columnspacing": 1.4, "legend.handletextpad": 0.5, "svg.fonttype": "none", "svg.hashsalt": "accelsim", "pdf.fonttype": 42,
}  # fmt: skip


class Picture(Figure):
    """A figure that shows itself in a notebook and is saved by its file's suffix."""

    def _repr_png_(self) -> bytes:
        return picture_bytes(self, "png")

    def save(self, path: str | Path) -> None:
        """Write PNG, SVG or PDF.

        Raises
        ------
        AccelsimError
            Another suffix, or a folder that cannot be written.
        """
        kind = Path(path).suffix.removeprefix(".").lower()
        if kind not in FORMATS:
            raise not_one_of(str(path), kind, FORMATS)
        write_whole(path, picture_bytes(self, kind))


def picture_bytes(figure: Figure, kind: str) -> bytes:
    """Return a figure as a PNG, SVG or PDF file; the same figure gives the same bytes."""
    stream = io.BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    with matplotlib.rc_context(TYPE):
        if kind == "svg":  # savefig would draw twice
            FigureCanvasSVG(figure).print_svg(stream, metadata=undated)
            return stream.getvalue()
        figure.savefig(stream, format=kind, dpi=DPI, facecolor=figure.get_facecolor(), metadata=undated)
    return stream.getvalue()


@contextmanager
def themed(theme: str) -> Iterator[dict[str, str]]:
    """Draw in a theme's colours, which are given.

    Raises
    ------
    AccelsimError
        Another theme.
    """
    if theme not in THEMES:
        raise not_one_of("theme", theme, THEMES)
    colours = THEMES[theme]
    edges = {key: colours[tone] for tone, keys in {
        "ink": ("text.color", "axes.labelcolor", "axes.titlecolor"), "muted": ("xtick.color", "ytick.color", "axes.edgecolor"),
        "paper": ("figure.facecolor", "axes.facecolor"), "faint": ("grid.color",),
    }.items() for key in keys}  # fmt: skip
    with matplotlib.rc_context(TYPE | edges):
        yield colours


def styled(draw: Callable) -> Callable:
    """Let ``draw(figure, result, colours)`` become ``f(result, width, theme)``: a checked, styled, new figure."""

    @wraps(draw)
    def drawn(result: Result, width: float = WIDTH, theme: str = "light") -> Picture:
        with themed(theme) as colours:
            if result.trace is None or result.mapping is None:
                raise AccelsimError(f"figure '{draw.__name__}'", "needs the simulated run, which this result does not hold", "run it again instead of loading it")
            figure = Picture(figsize=(width, 1.0), layout=Stacked())
            draw(figure, result, colours)
            return figure

    drawn.__doc__ = f"{draw.__doc__.rstrip()}\n\n{PARAMETERS}"
    return drawn


PARAMETERS = """    Parameters
    ----------
    result : Result
    width : float
        Of the figure [inch].
    theme : str
        "light" or "dark".

    Raises
    ------
    AccelsimError
        The result holds no simulated run, or lacks what the figure shows.
    """
