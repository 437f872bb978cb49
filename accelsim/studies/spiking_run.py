"""A spiking network, or a trained one turned into spikes, on described spiking cores: classes, time and joules in one run."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from accelsim import __version__
from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_inputs import Stimulus
from accelsim.functional.spiking_program import SpikingProgram, compile_network
from accelsim.functional.spiking_readout import classes_over_time, output_probes, readout_of
from accelsim.graph.spiking_network import SpikingNetwork
from accelsim.graph.work import SpikeStep
from accelsim.hardware.chip import Chip
from accelsim.hardware.spiking_layout import SpikingLayout
from accelsim.hardware.spiking_service import ACTIONS
from accelsim.hardware.units.spiking_cores import SpikingCores
from accelsim.mapping.spiking_placement import place_spiking
from accelsim.mapping.spiking_steps import SpikingMapping, require_spiking_unit
from accelsim.pipeline import PS_PER_S, check, load_chip, simulate
from accelsim.results.result import Output, Request, Result
from accelsim.results.spiking import Inferences, account_spiking
from accelsim.studies.spiking_shown import Presentation, Shown, prepare

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Frames:
    """Which inferences are simulated for throughput and percentiles.

    Attributes
    ----------
    count : int, optional
        How many, in the order of the items and from their beginning again; by default each once.
    rate : float, optional
        Requested per second; by default back to back.
    """

    count: int | None = None
    rate: float | None = None


@dataclass(eq=False)
class _Tally:
    """What all inferences did, gathered one by one."""

    steps: list[np.ndarray] = field(default_factory=list)
    busy: list[np.ndarray] = field(default_factory=list)
    slowest: list[np.ndarray] = field(default_factory=list)
    actions: list[np.ndarray] = field(default_factory=list)
    block_bytes: list[int] = field(default_factory=list)
    spikes: list[np.ndarray] = field(default_factory=list)
    updates: list[np.ndarray] = field(default_factory=list)
    events: list[np.ndarray] = field(default_factory=list)
    classes: list[np.ndarray] = field(default_factory=list)
    barrier: int = 0


def run_spiking(chip: Chip | str, model: str, shown: Presentation = Presentation(), frames: Frames = Frames(), engine: str = "compiled", on_progress: Progress | None = None) -> Result:
    """Return what a spiking network answers on a chip, how long its steps take and what they cost.

    Parameters
    ----------
    chip : Chip, or its name or path
    model : str
        A ``.nir`` or lava-dl ``.net`` file, or a float32 ReLU network, which is converted (``functional.spiking_conversion``).

    Raises
    ------
    AccelsimError
        Anything that is wrong with the input, in one line; a network that does not fit, with the limit's name.
    """
    chip = load_chip(chip) if isinstance(chip, str) else chip
    unit = require_spiking_unit(chip)
    check(Request(1, 1 if frames.count is None else frames.count, frames.rate))
    ready = prepare(model, chip.units[unit], shown)
    layout, program = placed(ready.network, ready.cores)
    tally = _Tally()
    for done, stimulus in enumerate(ready.stimuli, 1):
        _infer(tally, program, layout, ready.cores, stimulus, ready.steps)
        if on_progress is not None:
            on_progress("inferences", done, len(ready.stimuli))
    mapping = SpikingMapping(chip, unit, ready.network.name, layout, np.stack(tally.steps), ready.subtracting)
    seen = Inferences(mapping, np.stack(tally.actions), np.stack(tally.busy), np.stack(tally.slowest), tally.barrier, np.array(tally.block_bytes))
    request = Request(1, frames.count or len(ready.stimuli), frames.rate)
    asked = np.arange(request.frames) % len(ready.stimuli)
    period = round(PS_PER_S / request.rate) if request.rate else 0
    every = simulate(mapping.plan(), engine)
    wanted = simulate(mapping.plan(asked, period), engine)
    named = np.stack(tally.classes)
    right = named == ready.labels[:, None] if ready.labels is not None else None
    block = facts(ready, seen, tally) | {"accuracy_by_step": right.mean(axis=0).tolist() if right is not None else None}
    accuracy = {"data": ready.data.name, "items": len(ready.stimuli), "top1": float(right[:, -1].mean()), "split": ready.data.split} if right is not None else None
    return account_spiking(seen, every, wanted, request, block, accuracy, _answers(ready.network, named), __version__, ready.notes)


def placed(network: SpikingNetwork, cores: SpikingCores) -> tuple[SpikingLayout, SpikingProgram]:
    """Return where a network's neurons stand, and its program with updates counted by core.

    Raises
    ------
    AccelsimError
        It does not fit, with the limit's name.
    """
    program = compile_network(network)
    layout = place_spiking(network, program.tables, program.projection_order, cores)
    return layout, compile_network(network, layout.core)


def _infer(tally: _Tally, program: SpikingProgram, layout: SpikingLayout, cores: SpikingCores, stimulus: Stimulus, steps: int) -> None:
    network = program.network
    record, _ = execute_spiking(program, steps, stimulus.spikes, stimulus.drive, probes=output_probes(network))
    service = cores.served(SpikeStep(steps=steps, counts=(layout, record)))
    tally.steps.append(service.finish)
    tally.busy.append(service.busy.sum(axis=0))
    tally.slowest.append(service.busy.max(axis=1).sum(axis=0))
    tally.actions.append(service.actions.sum(axis=0))
    per_neuron = np.bincount(np.repeat(np.arange(layout.core.size), np.diff(layout.axon_rows)), layout.axon_bytes, layout.core.size)
    tally.block_bytes.append(int(per_neuron[record.neuron].sum()))
    tally.spikes.append(record.spike_counts().sum(axis=0))
    tally.updates.append(np.pad(record.updates.sum(axis=0), (0, cores.mesh.cores - record.updates.shape[1])))
    tally.events.append(record.events)
    tally.classes.append(classes_over_time(record))
    tally.barrier = service.barrier


def facts(ready: Shown, seen: Inferences, tally: _Tally) -> dict:
    """Return what was run and how much happened, means of an inference; the block "spiking" of the JSON."""
    network, layout, cores = ready.network, seen.mapping.layout, ready.cores
    counts = dict(zip(ACTIONS, seen.actions.mean(axis=0).tolist(), strict=True))
    events = np.mean(tally.events, axis=0)
    return {
        "network": network.name,
        "source": network.source,
        "converted": ready.converted,
        "arithmetic": "integer" if network.is_integer else "float",
        "readout": readout_of(network),
        "inferences": len(ready.stimuli),
        "steps": ready.steps,
        "neurons": network.neurons,
        "synapses": network.synapses,
        "cores_used": int(layout.used_cores().size),
        "cores": cores.mesh.cores,
        "tiles_used": layout.used_tiles(cores.mesh.cores_per_tile),
        "spikes": float(np.sum(tally.spikes, axis=1).mean()),
        "synaptic_events": float(events.sum()),
        "neuron_updates": counts["neuron_update"],
        "neuron_visits": counts["neuron_access"],
        "messages": counts["message_out"],
        "hops": counts["column_hop"] + counts["row_hop"],
        "events_by_step": np.cumsum(events.sum(axis=1)).tolist(),
        "populations": _populations(network, layout, tally, events),
    }


def _populations(network: SpikingNetwork, layout: SpikingLayout, tally: _Tally, events: np.ndarray) -> list[dict]:
    spikes, updates = np.mean(tally.spikes, axis=0), np.mean(tally.updates, axis=0)
    rows = []
    for i, (population, first) in enumerate(zip(network.populations, network.starts.values(), strict=True)):
        used = np.unique(layout.core[first : first + population.neurons])
        into = [k for k, q in enumerate(network.projections) if q.target == population.name]
        rows.append(
            {
                "name": population.name, "neurons": population.neurons, "cores": used.size, "spikes": float(spikes[i]),
                "synaptic_events": float(events[:, into].sum()), "neuron_updates": float(updates[used].sum()),
            }
        )  # fmt: skip
    return rows


def _answers(network: SpikingNetwork, named: np.ndarray) -> Output:
    """Return the classes named at the end, as an output whose hash tells runs apart."""
    last = np.ascontiguousarray(named[:, -1].astype(np.int32))
    return Output(network.outputs[0], last.shape, "int32", hashlib.sha256(last.tobytes()).hexdigest())
