"""Joint trace of several networks + each one's trace alone -> what sharing the chip costs and saves."""

from dataclasses import asdict, dataclass, field, replace

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.hardware.dram_energy import dram_energy
from accelsim.hardware.dram_parameters import channel_counts
from accelsim.kernels.service import BANKED, CLOCK_P, CLOCK_Q, PORTS, edge_at_or_after
from accelsim.mapping.together import Neighbours, used_by
from accelsim.results import energy
from accelsim.results.busy import released
from accelsim.results.layer_table import layer_results

PS = 1e-12
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Pace:
    """How one network got on.

    Attributes
    ----------
    frames : int
        Inferences that were counted.
    latency_p50_s, latency_p99_s : float
        From the request, or, back to back, from when the chip took an inference on [s].
    throughput_per_s : float
        Inputs per second: from the first end to the last; of a single inference: over its latency [1/s].
    """

    frames: int
    latency_p50_s: float
    latency_p99_s: float
    throughput_per_s: float


@dataclass(frozen=True, eq=False)
class NetworkResult:
    """One network of several on a chip.

    Attributes
    ----------
    model : str
    units : tuple of str
        That it may use, the preferred first; the host besides.
    batch, frames : int
        Inputs per inference; inferences that were simulated.
    rate : float or None
        Inferences requested per second.
    latency_s : float
        Of one inference on the idle chip [s].
    alone, together : Pace
        The same frames without and with the others.
    dynamic_energy_j : float or None
        Of one inference, without what DRAM commands and time cost [J].
    layers : tuple of dict
        The first inference: name, unit, alone_s and together_s of each layer [s].
    """

    model: str
    units: tuple[str, ...]
    batch: int
    frames: int
    rate: float | None
    latency_s: float
    alone: Pace
    together: Pace
    dynamic_energy_j: float | None
    layers: tuple[dict, ...] = field(repr=False)

    @property
    def slow_down(self) -> float:
        """Time per inference beside the others over that alone; of requested inferences: of the median latency."""
        if self.rate is not None:
            return self.together.latency_p50_s / self.alone.latency_p50_s
        return self.alone.throughput_per_s / self.together.throughput_per_s


@dataclass(frozen=True, eq=False)
class Together:
    """What several networks on one chip do to each other.

    Attributes
    ----------
    networks : tuple of NetworkResult
    seconds : float
        Until the last inference of all has ended [s].
    window_s : float
        Until the first network is through with its frames: as long as all of them run; paces are measured in it [s].
    in_sequence_s : float
        The same inferences, one network after the other [s].
    energy_j, in_sequence_j : float or None
        Of all inferences, at once and one network after the other [J].
    servers : tuple of dict
        "name", "busy" (share of the window) and "by", that of each network.
    memories : dict of str to int
        Bytes that all take together [B].
    why_no_energy : str
    notes : tuple of str
    """

    version: str
    chip: str
    chip_title: str
    engine: str
    arbitration: str
    networks: tuple[NetworkResult, ...]
    seconds: float
    window_s: float
    in_sequence_s: float
    energy_j: float | None
    in_sequence_j: float | None
    estimated_share: float | None
    servers: tuple[dict, ...]
    memories: dict[str, int]
    why_no_energy: str
    notes: tuple[str, ...]
    trace: Trace = field(repr=False)
    slices: tuple[slice, ...] = field(repr=False)
    mapping: Neighbours = field(repr=False)

    @property
    def throughput_per_s(self) -> float:
        """Inputs per second of all networks [1/s]."""
        return sum(network.together.throughput_per_s for network in self.networks)

    @property
    def average_power_w(self) -> float | None:
        """Over the whole run [W]."""
        return self.energy_j / self.seconds if self.energy_j is not None else None

    def to_dict(self) -> dict:
        """Return the JSON structure that ``docs/together.md`` documents."""
        plain = {key: getattr(self, key) for key in (
            "chip", "engine", "arbitration", "seconds", "window_s", "in_sequence_s", "throughput_per_s", "energy_j", "in_sequence_j", "average_power_w",
            "estimated_share", "memories", "why_no_energy",
        )}  # fmt: skip
        networks = [asdict(one) | {"units": list(one.units), "layers": list(one.layers), "slow_down": one.slow_down} for one in self.networks]
        return {"schema_version": SCHEMA_VERSION, "accelsim_version": self.version, **plain, "networks": networks, "servers": list(self.servers), "notes": list(self.notes)}


@dataclass(frozen=True, eq=False)
class Alone:
    """One network's runs without the others: the request (batch, rate), its activity, one inference, all frames."""

    batch: int
    rate: float | None
    activity: object
    warm: Trace
    frames: Trace


def account_together(neighbours: Neighbours, alone: tuple[Alone, ...], joint: Trace, slices: tuple[slice, ...], arbitration: str, version: str, units: tuple[tuple[str, ...], ...]) -> Together:
    """Return what the traces say.

    Raises
    ------
    AccelsimError
        The chip's energy table lacks an action that the chip uses.
    """
    chip = neighbours.chip
    parts = tuple(_part(joint, whose, one.frames.plan) for whose, one in zip(slices, alone, strict=True))
    window = min(int(part.finish[part.plan.ends[-1]]) for part in parts)
    why = "" if chip.file.energy else f"'{chip.name}' names no energy table"
    terms = [None if why else without_commands(neighbours, k, one.activity, one.warm) for k, one in enumerate(alone)]
    networks = tuple(
        NetworkResult(
            mapping.graph.name, used, one.batch, len(part.plan.ends), one.rate, one.warm.latency() * PS,
            *_paces(one, part, window), None if own is None else sum(term.joules for term in own), _layers(mapping, one.frames, part),
        )
        for mapping, one, part, own, used in zip(neighbours.mappings, alone, parts, terms, units, strict=True)
    )  # fmt: skip
    moving = 0.0 if why else sum(network.frames * network.dynamic_energy_j for network in networks)
    joules = None if why else joules_of(neighbours, moving, (joint,), joint.makespan)
    sequence = sum(one.frames.makespan for one in alone)
    evenly = ("not all networks found room one behind the other: each has an equal share of every memory",) if neighbours.shared_evenly else ()
    every = [] if why else [*(term for own in terms for term in own), *energy.static_terms(neighbours, joint.makespan * PS)]
    return Together(
        version, chip.name, chip.file.title, joint.engine, arbitration, networks, joint.makespan * PS, window * PS, sequence * PS,
        joules, None if why else joules_of(neighbours, moving, tuple(one.frames for one in alone), sequence), energy.estimated_share(every) if every else None,
        busy_servers(joint, 0, window), bytes_taken(neighbours), why, evenly, joint, slices, neighbours,
    )  # fmt: skip


def _part(joint: Trace, whose: slice, plan) -> Trace:
    """Return one network's tasks of a joint trace, on its own plan."""
    return Trace(plan, joint.start[whose], joint.finish[whose], joint.state, joint.engine)


def _paces(alone: Alone, part: Trace, window: int) -> tuple[Pace, Pace]:
    """Return a network's pace alone, and beside the others over the inferences that end within the window, the first two at least.

    Back to back, the second is the first slowed by what the last of these inferences was late, so that filling the pipeline counts in neither.
    """
    ends = part.finish[part.plan.ends]
    counted = min(ends.size, max(2, int((ends <= window).sum())))
    own = _pace(alone.frames, alone, ends.size)
    shared = _pace(part, alone, counted)
    if alone.rate is None:
        late = int(ends[counted - 1]) / int(alone.frames.finish[alone.frames.plan.ends[counted - 1]])
        shared = replace(shared, throughput_per_s=own.throughput_per_s / late)
    return own, shared


def _pace(trace: Trace, one: Alone, counted: int) -> Pace:
    """Return the pace of the first inferences."""
    ends = trace.finish[trace.plan.ends[:counted]]
    spans = np.array([trace.latency(frame, one.rate is not None) for frame in range(counted)])
    time = int(ends[-1] - ends[0]) if counted > 1 else int(spans[0])
    return Pace(counted, float(np.percentile(spans, 50)) * PS, float(np.percentile(spans, 99)) * PS, one.batch * max(1, counted - 1) / (time * PS))


def _layers(mapping, alone: Trace, together: Trace) -> tuple[dict, ...]:
    rows = zip(layer_results(mapping, alone, None), layer_results(mapping, together, None), strict=True)
    return tuple({"name": a.name, "unit": a.unit, "alone_s": a.seconds, "together_s": b.seconds} for a, b in rows)


def without_commands(neighbours: Neighbours, k: int, activity: object, warm: Trace) -> list[energy.Term]:
    """Return the dynamic terms of one inference of a network without those of DRAM commands, which are counted over the whole run."""
    memories = neighbours.chip.memories
    terms = energy.dynamic_terms(neighbours.mappings[k], activity, warm)
    return [term for term in terms if term.component not in memories or memories[term.component].kind != "dram"]


def joules_of(neighbours: Neighbours, moving: float, traces: tuple[Trace, ...], time: int) -> float:
    """Return the energy of a run [J]: what moves, DRAM commands in its traces, static power for so long [ps]."""
    static = sum(term.joules for term in energy.static_terms(neighbours, time * PS))
    return float(moving + static + sum(_commands(neighbours, trace) for trace in traces))


def _commands(neighbours: Neighbours, trace: Trace) -> float:
    """Return the energy of a trace's DRAM channels [J]."""
    total = 0.0
    for row, resource in enumerate(one for one in trace.plan.resources if one.dram is not None):
        clock = edge_at_or_after(resource.parameters[CLOCK_P], resource.parameters[CLOCK_Q], trace.makespan)
        counts = channel_counts(trace.dram[row], clock)
        total += neighbours.chip.memories[resource.name].part_channels * sum(dram_energy(resource.dram.part, counts).values())
    return total


def busy_servers(joint: Trace, begin: int, end: int) -> tuple[dict, ...]:
    """Return what share of the time between two instants [ps] each server worked, and for whom."""
    plan = joint.plan
    served = np.flatnonzero(plan.resource >= 0)
    first, last = (np.clip(times[served], begin, end) for times in (joint.start, released(joint)))
    busy = np.zeros((len(plan.resources), plan.requesters))
    np.add.at(busy, (plan.resource[served], plan.requester[served]), last - first)
    at_once = np.array([resource.parameters[PORTS] if resource.service == BANKED else 1 for resource in plan.resources])
    busy /= max(1, end - begin) * at_once[:, None]
    return tuple({"name": resource.name, "busy": float(row.sum()), "by": [float(v) for v in row]} for resource, row in zip(plan.resources, busy, strict=True) if row.any())


def bytes_taken(neighbours: Neighbours) -> dict[str, int]:
    """Return what all networks take of each memory [B]."""
    used = [used_by(mapping) for mapping in neighbours.mappings]
    return {name: int(sum(one[name] for one in used)) for name in neighbours.chip.memories}
