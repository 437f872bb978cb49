"""Inferences of a spiking network + traces -> Result, and a block of all that is their own."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accelsim.base.provenance import worst
from accelsim.engine.trace import Trace
from accelsim.hardware.spiking_service import ACTIONS, action_energies
from accelsim.mapping.spiking_steps import SpikingMapping
from accelsim.results import energy
from accelsim.results.layer_table import LayerResult
from accelsim.results.result import Output, Request, Result
from accelsim.results.term import Term

PS = 1e-12
PARTS = (
    {"neuron_access": "neurons", "neuron_update": "neurons", "spike": "neurons"} | dict.fromkeys(ACTIONS[3:8], "mesh") | dict.fromkeys(ACTIONS[8:], "synapses")
)


@dataclass(frozen=True, eq=False)
class Inferences:
    """What inferences did on the cores, before time.

    Attributes
    ----------
    actions : ndarray, shape (inferences, actions), int64
        Counts of ``hardware.spiking_service.ACTIONS``.
    busy : ndarray, shape (inferences, cores, 2), int64
        Time of each core on neurons and messages out, and on messages in, all steps together [ps].
    slowest : ndarray, shape (inferences, 2), int64
        The same of the slowest core of each step, summed over the steps [ps].
    barrier : int
        Of one step [ps].
    block_bytes : ndarray, shape (inferences,), int64
        Read from synapse memory [B].
    """

    mapping: SpikingMapping
    actions: np.ndarray
    busy: np.ndarray
    slowest: np.ndarray
    barrier: int
    block_bytes: np.ndarray


def spiking_terms(seen: Inferences, seconds: float) -> list[Term]:
    """Return the mean energy of one inference that lasts so long."""
    mapping, each = seen.mapping, action_energies(seen.mapping.cores)
    terms = []
    for action, count in zip(ACTIONS, seen.actions.mean(axis=0).tolist(), strict=True):
        if count and each[action]:
            terms.append(Term(PARTS[action], action, 0, count, count * each[action], mapping.chip.provenance_of(energy_path(mapping.unit, action))))
    return [*terms, *energy.static_terms(mapping, seconds)]


def energy_path(unit: str, action: str) -> str:
    """Return where in a chip file the energy of an action stands."""
    kind = action.removeprefix("synaptic_event_")
    if kind != action:
        return f"units.{unit}.costs.synapses.{kind}.energy"
    names = {"neuron_access": "costs.access", "neuron_update": "costs.update", "local_delivery": "mesh.local"}
    section = "mesh" if action.endswith("_hop") else "costs"
    return f"units.{unit}.{names.get(action, f'{section}.{action}')}_energy"


def account_spiking(
    seen: Inferences,
    every: Trace,
    frames: Trace,
    request: Request,
    spiking: Mapping,
    accuracy: dict | None,
    answers: Output,
    version: str,
    notes: tuple[str, ...],
) -> Result:
    """Return the Result of a spiking network; per inference means over all that were run.

    Parameters
    ----------
    every : Trace
        All inferences back to back.
    frames : Trace
        The inferences that were asked for.
    spiking : mapping
        The block of that name in the JSON; times, loads and joules are added.
    """
    mapping = seen.mapping
    chip = mapping.chip
    times = (every.finish[every.plan.ends] - every.start[every.plan.starts]) * PS
    seconds = float(times.mean())
    terms = spiking_terms(seen, seconds)
    static = sum(term.joules for term in terms if term.component == "static")
    total = sum(term.joules for term in terms)
    joules = {"total": float(total), "dynamic": float(total - static), "static": float(static)}
    asked = frames.plan.release[frames.plan.starts] if request.rate else frames.start[frames.plan.starts]
    waits = (frames.finish[frames.plan.ends] - asked) * PS
    block = dict(spiking) | {
        "step": step_times(seen),
        "joules_by_action": {t.action: t.joules for t in terms if t.component != "static"},
        "core_load": core_load(seen),
    }
    return Result(
        version, chip.name, chip.file.title, chip.file.fidelity, mapping.name, every.engine, request,
        seconds, None, float(np.percentile(waits, 50)), float(np.percentile(waits, 99)), len(waits) / (frames.makespan * PS),
        {mapping.unit: {"cycles": None, "busy_cycles": None, "clock_hz": None}},
        None, joules, _by_component(terms), joules["total"] / seconds,
        0, None, accuracy, _memories(seen), (_row(seen, seconds, joules["dynamic"]),), (answers,),
        _grades(seen, terms), "", "", (), (*chip.caveats, *notes), tuple(terms), frames, mapping, spiking=block,
    )  # fmt: skip


def step_times(seen: Inferences) -> dict[str, float]:
    """Return mean, least and greatest time of a step, and what its slowest cores and the barrier take of it [s]."""
    steps = seen.mapping.steps
    neurons, messages = (seen.slowest.mean(axis=0) / steps.shape[1] * PS).tolist()
    return {
        "mean_s": float(steps.mean()) * PS, "least_s": float(steps.min()) * PS, "greatest_s": float(steps.max()) * PS,
        "barrier_s": seen.barrier * PS, "slowest_core_neurons_s": neurons, "slowest_core_messages_s": messages,
    }  # fmt: skip


def core_load(seen: Inferences) -> list[dict]:
    """Return per used core its tile, neurons, synapse memory and mean busy time an inference."""
    layout, busy = seen.mapping.layout, seen.busy.mean(axis=0) * PS
    held = np.bincount(layout.core, minlength=layout.neurons.size)
    return [
        {
            "core": core, "tile": core // seen.mapping.cores.mesh.cores_per_tile, "neurons": int(held[core]), "synapse_bytes": int(layout.synapse_bytes[core]),
            "neurons_s": float(busy[core, 0]), "messages_s": float(busy[core, 1]),
        }
        for core in layout.used_cores().tolist()
    ]  # fmt: skip


def _by_component(terms: list[Term]) -> dict[str, float]:
    found: dict[str, float] = {}
    for term in terms:
        found[term.component] = found.get(term.component, 0.0) + term.joules
    return found


def _memories(seen: Inferences) -> dict[str, dict]:
    mapping = seen.mapping
    table = {name: {"read_bytes": 0, "write_bytes": 0, "energy_j": 0.0, "peak_used_bytes": 0} for name in mapping.chip.memories}
    home = mapping.chip.units[mapping.unit].memories[0]
    table[home] |= {"read_bytes": round(seen.block_bytes.mean()), "peak_used_bytes": int(mapping.layout.synapse_bytes.sum())}
    return table


def _row(seen: Inferences, seconds: float, dynamic: float) -> LayerResult:
    mapping = seen.mapping
    bound = "mesh" if seen.slowest.mean(axis=0).argmax() == 1 else "compute"
    return LayerResult(
        "steps", "spike_steps", mapping.unit, 0.0, seconds, None, None, 0, None, dynamic, round(seen.block_bytes.mean()), 0,
        bound, mapping.choices[0].cost.note, "",
    )  # fmt: skip


def _grades(seen: Inferences, terms: list[Term]) -> dict:
    """Latency: the worst grade among the figures that carry more than a twentieth of the slowest cores' time and the barrier."""
    chip, here = seen.mapping.chip, f"units.{seen.mapping.unit}"
    neurons, messages = seen.slowest.mean(axis=0).tolist()
    kinds = set(seen.mapping.layout.synapse_kinds)
    paths = [
        (neurons, f"{here}.costs.access_time"), (neurons, f"{here}.costs.update_time"), *((messages, f"{here}.costs.synapses.{kind}.time") for kind in kinds),
        (seen.barrier * seen.mapping.steps.shape[1], f"{here}.mesh.barrier.times"),
    ]  # fmt: skip
    weighted = [(weight, worst(_inside(chip, path))) for weight, path in paths]
    return {"latency": worst(energy.grades_that_matter(weighted)), "energy": energy.grade(terms), "estimated_share": energy.estimated_share(terms)}


def _inside(chip, path: str) -> list[str]:
    """Return the grades of a figure, or of each entry of a list."""
    entries = [p.grade for name, p in chip.provenance.items() if name.startswith(f"{path}.")]
    return entries or [chip.provenance_of(path).grade]
