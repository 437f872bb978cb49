"""The decision space of an RBF chip over two components: its neurons, their influence fields, and what it answers where."""

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon

from accelsim.base.errors import AccelsimError
from accelsim.functional.neuromem import IDENTIFIED, UNCERTAIN, recognise
from accelsim.functional.neuromem_readout import active_neurons, uses_lsup
from accelsim.functional.neuromem_state import LIKELIEST, NeuroMemState, Switches
from accelsim.kernels.neuromem import CATEGORY_MASK

# Okabe and Ito's colours, told apart by all common kinds of colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
UNCERTAIN_COLOUR, UNKNOWN_COLOUR, INK = "#8C8C8C", "#FFFFFF", "#333333"
TINT = 0.30
LEVELS = 256
TICKS = (0, 64, 128, 192, 255)


def decision_space(
    state: NeuroMemState,
    names: Mapping[int, str],
    examples: tuple[np.ndarray, np.ndarray] | None = None,
    axes: tuple[str, str] = ("component 0", "component 1"),
    title: str = "",
    switches: Switches = LIKELIEST,
) -> Figure:
    """Return the figure of a chain that learned vectors of two components.

    Parameters
    ----------
    names : mapping of int to str
        Name of each category to show; at most seven.
    examples : (ndarray of shape (vectors, 2), ndarray of shape (vectors,)), optional
        Vectors and their categories, drawn as small crosses.

    Raises
    ------
    AccelsimError
        More categories than can be told apart by colour.
    """
    if len(names) > len(COLOURS):
        raise AccelsimError("decision space", f"{len(names)} categories are more than the {len(COLOURS)} that colours tell apart")
    colours = dict(zip(names, COLOURS, strict=False))
    figure = Figure(figsize=(9.2, 6.2), layout="constrained")
    plot = figure.add_subplot(aspect="equal", xlim=(-0.5, LEVELS - 0.5), ylim=(-0.5, LEVELS - 0.5), xlabel=axes[0], ylabel=axes[1])
    plot.set_title(title, loc="left", fontsize=11)
    shares = _draw_answers(plot, state, colours, switches)
    if examples is not None:
        for category, colour in colours.items():
            plot.plot(*examples[0][examples[1] == category].T, "x", color=colour, markersize=4, markeredgewidth=0.9, alpha=0.9, zorder=3)
    _draw_neurons(plot, state, colours, switches)
    plot.set_xticks(TICKS)
    plot.set_yticks(TICKS)
    plot.spines[["top", "right"]].set_visible(False)
    shown = [names, colours, shares, examples is not None, bool((state.categories > CATEGORY_MASK).any())]
    figure.legend(handles=_legend(*shown), loc="outside right upper", frameon=False, fontsize=9, handlelength=1.6)
    return figure


def _draw_answers(plot, state: NeuroMemState, colours: Mapping[int, str], switches: Switches) -> dict[str, float]:
    """Colour every point by the chip's answer; return the shares of the plane."""
    grid = np.stack(np.meshgrid(np.arange(LEVELS), np.arange(LEVELS)), axis=-1).reshape(-1, 2).astype(np.uint8)
    seen = recognise(state.copy(), grid, 1, switches)
    picture = np.ones((len(grid), 3)) * to_rgb(UNKNOWN_COLOUR)
    category = seen.category[:, 0] & CATEGORY_MASK
    for known, colour in colours.items():
        picture[(seen.status == IDENTIFIED) & (category == known)] = TINT * np.array(to_rgb(colour)) + 1 - TINT
    uncertain = seen.status == UNCERTAIN
    picture[uncertain] = TINT * np.array(to_rgb(UNCERTAIN_COLOUR)) + 1 - TINT
    plot.imshow(picture.reshape(LEVELS, LEVELS, 3), origin="lower", interpolation="nearest", zorder=0)
    mask = uncertain.reshape(LEVELS, LEVELS).astype(float)
    if uncertain.any():
        hatched = plot.contourf(mask, levels=[0.5, 1.5], colors="none", hatches=["////"], zorder=1)
        hatched.set_edgecolor(UNCERTAIN_COLOUR)
        hatched.set_linewidth(0)
    identified = float((seen.status == IDENTIFIED).mean())
    return {"identified": identified, "uncertain": float(uncertain.mean()), "unknown": 1 - identified - float(uncertain.mean())}


def _draw_neurons(plot, state: NeuroMemState, colours: Mapping[int, str], switches: Switches) -> None:
    lsup = uses_lsup(state, switches)
    for neuron in np.flatnonzero(active_neurons(state)):
        x, y = (int(value) for value in state.memory[neuron, :2])
        # A neuron fires strictly inside its field: the outline runs between the last firing point and the first that is not.
        field, colour = int(state.influence[neuron]) - 0.5, colours.get(int(state.categories[neuron]) & CATEGORY_MASK, INK)
        corners = [(-1, -1), (-1, 1), (1, 1), (1, -1)] if lsup[neuron] else [(-1, 0), (0, 1), (1, 0), (0, -1)]
        outline = [(x + field * across, y + field * up) for across, up in corners]
        plot.add_patch(Polygon(outline, closed=True, fill=False, edgecolor=colour, linewidth=1.0, zorder=2, clip_on=True))
        degenerated = state.categories[neuron] > CATEGORY_MASK
        plot.plot(x, y, "D" if degenerated else "o", color=colour, markersize=5.5, markeredgecolor="white", markeredgewidth=0.8, zorder=4)


def _legend(names: Mapping[int, str], colours: Mapping[int, str], shares: Mapping[str, float], has_examples: bool, has_degenerated: bool) -> list:
    uncertain = {"facecolor": [*to_rgb(UNCERTAIN_COLOUR), TINT], "edgecolor": UNCERTAIN_COLOUR, "hatch": "////", "linewidth": 0}
    handles = [Patch(color=[*to_rgb(colours[category]), TINT], label=f"identified: {name}") for category, name in names.items()]
    handles.append(Patch(**uncertain, label=f"uncertain ({shares['uncertain']:.1%} of the plane)"))
    handles.append(Patch(facecolor=UNKNOWN_COLOUR, edgecolor="#BBBBBB", linewidth=0.8, label=f"unknown ({shares['unknown']:.1%})"))
    handles.append(_marker("o", "neuron; outline: its influence field", markeredgecolor="white"))
    if has_degenerated:
        handles.append(_marker("D", "degenerated neuron", markeredgecolor="white"))
    if has_examples:
        handles.append(_marker("x", "training vector", markersize=5))
    return handles


def _marker(shape: str, label: str, **look) -> Line2D:
    return Line2D([], [], color=INK, marker=shape, linewidth=0, label=label, **look)
