"""Figures of a spiking run: raster, membrane traces, load of the cores on their mesh, energy by action."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from accelsim.base.quantities import show
from accelsim.graph.spike_record import SpikeRecord
from accelsim.graph.spiking_neurons import LinearNeuron, LoihiNeuron

# Okabe and Ito's colours, told apart by all common kinds of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
INK, FAINT = "#333333", "#D9D9D9"
MOST_MARKS = 200_000


def spike_raster(record: SpikeRecord, populations: Sequence[str] | None = None, title: str = "") -> Figure:
    """Return a raster: one band per population, one mark per spike; above 200,000 spikes an even sample of them.

    Parameters
    ----------
    populations : sequence of str, optional
        By default all.
    """
    names = list(populations or [p.name for p in record.network.populations])
    figure = Figure(figsize=(9, 1.2 + 0.9 * len(names)), layout="constrained")
    axes = np.atleast_1d(figure.subplots(len(names), 1, sharex=True))
    each = -(-record.neuron.size // MOST_MARKS)
    for i, (name, axis) in enumerate(zip(names, axes, strict=True)):
        train, neurons = record.spikes(name), record.network.population(name).neurons
        step = np.repeat(np.arange(record.steps), np.diff(train.rows))
        axis.plot(step[::each], train.neuron[::each], ls="", marker="|" if neurons <= 64 else ",", ms=6, color=COLOURS[i % len(COLOURS)])
        axis.set(ylim=(-0.5, neurons - 0.5), xlim=(-0.5, record.steps - 0.5), yticks=[0, neurons - 1] if neurons > 1 else [0])
        axis.set_ylabel(f"{name}\n{train.neuron.size:,}", rotation=0, ha="right", va="center", fontsize=8)
        _bare(axis)
    axes[-1].set_xlabel("time step")
    sample = f" (every {each}th mark)" if each > 1 else ""
    figure.suptitle((title or f"{record.network.name}: spikes per population") + sample, fontsize=11)
    return figure


def membrane_traces(record: SpikeRecord, title: str = "") -> Figure:
    """Return the voltage and current of every probed neuron, with its threshold and spikes."""
    count = record.probes.size
    figure = Figure(figsize=(9, 1.0 + 1.5 * max(count, 1)), layout="constrained")
    axes = np.atleast_1d(figure.subplots(max(count, 1), 1, sharex=True))
    steps = np.arange(record.steps)
    for k, (probe, axis) in enumerate(zip(record.probes, axes, strict=False)):
        name, local, neuron = _owner(record, int(probe))
        axis.plot(steps, record.probed_current[:, k], color=COLOURS[4], lw=1, label="current u")
        axis.plot(steps, record.probed_voltage[:, k], color=COLOURS[0], lw=1.3, label="voltage v")
        threshold = np.ravel(neuron.threshold)
        level = float(threshold[local] if threshold.size > 1 else threshold[0])
        if np.isfinite(level):
            axis.axhline(level, color=COLOURS[1], lw=0.9, ls="--", label="threshold")
            fired = np.flatnonzero(record.raster(name)[:, local])
            axis.plot(fired, np.full(fired.size, level), ls="", marker="^", ms=5, color=COLOURS[1], label="spike")
        axis.set_title(f"{name}, neuron {local}", loc="left", fontsize=8, color=INK)
        _bare(axis)
    axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, frameon=False)
    axes[-1].set_xlabel("time step")
    figure.suptitle(title or f"{record.network.name}: membranes", fontsize=11)
    return figure


def core_load_map(busy: np.ndarray, core_neurons: np.ndarray, columns: int, rows: int, cores_per_tile: int, title: str = "") -> Figure:
    """Return the mesh as it lies on the chip, each core coloured by its mean busy time a step.

    Parameters
    ----------
    busy : ndarray, shape (steps, cores, 2), int64
        Time on neurons and messages out, and on messages in [ps]; a core does both at once, the longer one counts.
    core_neurons : ndarray, shape (cores,), int64
        Printed in each core.
    """
    load = busy.max(axis=2).mean(axis=0) / 1e6
    wide = int(np.ceil(np.sqrt(cores_per_tile)))
    figure = Figure(figsize=(1.5 + 1.15 * columns, 1.2 + 1.15 * rows), layout="constrained")
    axis = figure.subplots()
    shades, scale = _sequential(), Normalize(0, max(load.max(), 1e-9))
    for core in range(columns * rows * cores_per_tile):
        tile, place = divmod(core, cores_per_tile)
        x, y = tile // rows + 0.06 + 0.88 * (place % wide) / wide, tile % rows + 0.06 + 0.88 * (place // wide) / wide
        side = 0.88 / wide
        used = core_neurons[core] > 0 or load[core] > 0
        axis.add_patch(Rectangle((x, y), side, side, facecolor=shades(scale(load[core])) if used else "white", edgecolor=FAINT, lw=0.6))
        if used:
            dark = scale(load[core]) > 0.55
            axis.text(x + side / 2, y + side / 2, str(core_neurons[core]), ha="center", va="center", fontsize=5.5, color="white" if dark else INK)
    for tile in range(columns * rows):
        axis.add_patch(Rectangle((tile // rows + 0.03, tile % rows + 0.03), 0.94, 0.94, fill=False, edgecolor="#888888", lw=0.8))
    axis.set(xlim=(0, columns), ylim=(0, rows), aspect="equal", xticks=np.arange(columns) + 0.5, yticks=np.arange(rows) + 0.5)
    axis.set_xticklabels(range(columns))
    axis.set_yticklabels(range(rows))
    axis.set(xlabel="column of tiles", ylabel="row of tiles")
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    figure.colorbar(ScalarMappable(scale, shades), ax=axis, shrink=0.8, label="mean busy time of a step [us]")
    axis.set_title(title or "load of the cores (number: neurons)", fontsize=11)
    return figure


def energy_breakdown(energies: Mapping[str, float], title: str = "") -> Figure:
    """Return dynamic energy by action, the largest first, with its share.

    Parameters
    ----------
    energies : mapping of action to energy [J]
    """
    ranked = sorted(((e, a) for a, e in energies.items() if e > 0), reverse=True)
    total = sum(e for e, _ in ranked)
    figure = Figure(figsize=(8, 1.2 + 0.38 * max(len(ranked), 1)), layout="constrained")
    axis = figure.subplots()
    for i, (energy, _) in enumerate(ranked):
        axis.barh(i, energy / total * 100, color=COLOURS[0], height=0.7)
        axis.text(energy / total * 100 + 0.7, i, f"{show(energy, 'J')}  ({energy / total:.1%})", va="center", fontsize=8, color=INK)
    axis.set(yticks=range(len(ranked)), yticklabels=[a.replace("_", " ") for _, a in ranked], xlabel="share of the dynamic energy [%]")
    axis.set_xlim(0, max((e / total * 100 for e, _ in ranked), default=1) * 1.3)
    axis.invert_yaxis()
    _bare(axis)
    figure.suptitle(title or f"dynamic energy: {show(total, 'J')}", fontsize=11)
    return figure


def _sequential():
    return LinearSegmentedColormap.from_list("load", ["#F2F6FA", "#56B4E9", "#0072B2", "#08306B"])


def _owner(record: SpikeRecord, probe: int) -> tuple[str, int, LoihiNeuron | LinearNeuron]:
    network = record.network
    starts = list(network.starts.values())
    p = int(np.searchsorted(starts, probe, side="right")) - 1
    return network.populations[p].name, probe - starts[p], network.populations[p].neuron


def _bare(axis) -> None:
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(labelsize=8)
