"""A spiking network, or a trained one turned into spikes, on described spiking cores: classes, time and joules in one run."""

import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False, slots=True)
class _Inference:
    """What one inference did; as ``results.spiking.Inferences`` and ``SpikingMapping`` gather it."""

    steps: np.ndarray
    actions: np.ndarray
    busy: np.ndarray
    slowest: np.ndarray
    barrier: int
    block_bytes: int
    spikes: np.ndarray
    updates: np.ndarray
    events: np.ndarray
    classes: np.ndarray


def run_spiking(
    chip: Chip | str, model: str, shown: Presentation = Presentation(), frames: Frames = Frames(), engine: str = "compiled", on_progress: Progress | None = None
) -> Result:
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
    layout, program = placed(ready.network, ready.cores, ready.taken)
    ran = _infer_all(program, layout, ready, on_progress)
    mapping = SpikingMapping(chip, unit, ready.network.name, layout, np.stack([one.steps for one in ran]), ready.subtracting)
    seen = _seen(mapping, ran)
    request = Request(1, frames.count or len(ready.stimuli), frames.rate)
    asked = np.arange(request.frames) % len(ready.stimuli)
    period = round(PS_PER_S / request.rate) if request.rate else 0
    every = simulate(mapping.plan(), engine)
    wanted = simulate(mapping.plan(asked, period), engine)
    named = np.stack([one.classes for one in ran])
    right = named == ready.labels[:, None] if ready.labels is not None else None
    block = facts(ready, seen, ran) | {"accuracy_by_step": right.mean(axis=0).tolist() if right is not None else None}
    accuracy = (
        {"data": ready.data.name, "items": len(ready.stimuli), "top1": float(right[:, -1].mean()), "split": ready.data.split} if right is not None else None
    )
    return account_spiking(seen, every, wanted, request, block, accuracy, _answers(ready.network, named), __version__, ready.notes)


def placed(network: SpikingNetwork, cores: SpikingCores, taken: Mapping[str, int] | None = None) -> tuple[SpikingLayout, SpikingProgram]:
    """Return where a network's neurons stand, and its program with updates counted by core.

    Raises
    ------
    AccelsimError
        It does not fit, with the limit's name.
    """
    program = compile_network(network)
    layout = place_spiking(network, program.tables, program.projection_order, cores, taken)
    return layout, compile_network(network, layout.core)


def _infer_all(program: SpikingProgram, layout: SpikingLayout, ready: Shown, on_progress: Progress | None) -> list[_Inference]:
    """Run every stimulus from rest, on as many threads as there are processors: the kernels leave Python to others."""
    ran = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for one in pool.map(lambda stimulus: _infer(program, layout, ready, stimulus), ready.stimuli):
            ran.append(one)
            if on_progress is not None:
                on_progress("inferences", len(ran), len(ready.stimuli))
    return ran


def _infer(program: SpikingProgram, layout: SpikingLayout, ready: Shown, stimulus: Stimulus) -> _Inference:
    record, _ = execute_spiking(program, ready.steps, stimulus.spikes, stimulus.drive, probes=output_probes(program.network))
    service = ready.cores.served(SpikeStep(steps=ready.steps, counts=(layout, record)))
    per_neuron = np.bincount(np.repeat(np.arange(layout.core.size), np.diff(layout.axon_rows)), layout.axon_bytes, layout.core.size)
    updates = np.pad(record.updates.sum(axis=0), (0, ready.cores.mesh.cores - record.updates.shape[1]))
    times = service.finish, service.actions.sum(axis=0), service.busy.sum(axis=0), service.busy.max(axis=1).sum(axis=0), service.barrier
    return _Inference(*times, int(per_neuron[record.neuron].sum()), record.spike_counts().sum(axis=0), updates, record.events, classes_over_time(record))


def _seen(mapping: SpikingMapping, ran: list[_Inference]) -> Inferences:
    gathered = (np.stack([getattr(one, name) for one in ran]) for name in ("actions", "busy", "slowest"))
    return Inferences(mapping, *gathered, ran[0].barrier, np.array([one.block_bytes for one in ran]))


def facts(ready: Shown, seen: Inferences, ran: list[_Inference]) -> dict:
    """Return what was run and how much happened, means of an inference; the block "spiking" of the JSON."""
    network, layout, cores = ready.network, seen.mapping.layout, ready.cores
    counts = dict(zip(ACTIONS, seen.actions.mean(axis=0).tolist(), strict=True))
    events = np.mean([one.events for one in ran], axis=0)
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
        "spikes": float(np.mean([one.spikes.sum() for one in ran])),
        "synaptic_events": float(events.sum()),
        "neuron_updates": counts["neuron_update"],
        "neuron_visits": counts["neuron_access"],
        "messages": counts["message_out"],
        "hops": counts["column_hop"] + counts["row_hop"],
        "events_by_step": np.cumsum(events.sum(axis=1)).tolist(),
        "populations": _populations(network, layout, ran, events),
    }


def _populations(network: SpikingNetwork, layout: SpikingLayout, ran: list[_Inference], events: np.ndarray) -> list[dict]:
    spikes, updates = np.mean([one.spikes for one in ran], axis=0), np.mean([one.updates for one in ran], axis=0)
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
