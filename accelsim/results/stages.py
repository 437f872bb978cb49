"""Joint trace of a network's stages + each one's trace alone -> latency, pace and energy of the network in stages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.mapping.stages import Stages
from accelsim.results import energy
from accelsim.results.together import bytes_taken, busy_servers, joules_of, without_commands

PS = 1e-12
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage.

    Attributes
    ----------
    units : tuple of str
        That it may use, the preferred first; the host besides.
    begins_with : str
        Its first node.
    nodes : int
    hands_over : int
        Bytes of one inference that go from it to the next stage [B].
    latency_s : float
        One inference of this stage on the idle chip [s].
    alone_per_s : float
        Inputs per second of this stage without the others [1/s].
    busy : float
        Share of the steady time in which its units work for it; of several units, of the busiest.
    """

    units: tuple[str, ...]
    begins_with: str
    nodes: int
    hands_over: int
    latency_s: float
    alone_per_s: float
    busy: float


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole network on the units of one stage, to compare with.

    Attributes
    ----------
    latency_s, throughput_per_s : float or None
        None where these units cannot take all of it.
    """

    units: tuple[str, ...]
    latency_s: float | None
    throughput_per_s: float | None


@dataclass(frozen=True, eq=False)
class Staged:
    """One network in stages on several units.

    Attributes
    ----------
    frames : int
        Inferences over which the steady state is measured.
    latency_s : float
        The first inference, on the idle chip [s].
    latency_p50_s, latency_p99_s : float
        In the steady state, from when the first stage takes an inference on [s].
    throughput_per_s : float
        In the steady state, inputs per second [1/s].
    predicted_per_s : float or None
        What the cut was chosen by; None where it was stated [1/s].
    energy_j : float or None
        Of an inference in the steady state, static power of its time included [J].
    memory : str
        Where stages leave what they hand over.
    memories : dict of str to int
        Bytes that all stages take [B].
    servers : tuple of dict
        "name", "busy" (share of the steady time) and "by", that of each stage.
    """

    version: str
    chip: str
    chip_title: str
    engine: str
    model: str
    batch: int
    frames: int
    stages: tuple[StageResult, ...]
    whole: tuple[Whole, ...]
    latency_s: float
    latency_p50_s: float
    latency_p99_s: float
    throughput_per_s: float
    predicted_per_s: float | None
    energy_j: float | None
    why_no_energy: str
    memory: str
    memories: dict[str, int]
    servers: tuple[dict, ...]
    trace: Trace = field(repr=False)
    mapping: Stages = field(repr=False)

    def to_dict(self) -> dict:
        """Return the JSON structure that ``docs/together.md`` documents."""
        plain = {key: getattr(self, key) for key in (
            "chip", "engine", "model", "batch", "frames", "latency_s", "latency_p50_s", "latency_p99_s", "throughput_per_s", "predicted_per_s", "energy_j", "why_no_energy", "memory", "memories",
        )}  # fmt: skip
        lists = {"stages": [asdict(one) for one in self.stages], "whole": [asdict(one) for one in self.whole], "servers": list(self.servers)}
        return {"schema_version": SCHEMA_VERSION, "accelsim_version": self.version, **plain, **lists}


@dataclass(frozen=True, eq=False)
class StageAlone:
    """One inference of a stage without the others, and all of them."""

    warm: Trace
    frames: Trace


def account_stages(stages: Stages, batch: int, alone: Sequence[StageAlone], first: Trace, joint: Trace, activity: object, whole: tuple[Whole, ...], version: str) -> Staged:
    """Return what the traces say.

    Parameters
    ----------
    first : Trace
        One inference through all stages.
    joint : Trace
        Many; as many as are in flight fill the stages and drain them, those between are the steady state.

    Raises
    ------
    AccelsimError
        The chip's energy table lacks an action that the chip uses.
    """
    chip, count, fill = stages.neighbours.chip, len(alone), stages.in_flight
    starts, ends = (milestones.reshape(count, -1) for milestones in (joint.plan.starts, joint.plan.ends))
    begun, ended = joint.finish[starts[0]], joint.finish[ends[-1]]
    steady = slice(fill, ended.size - fill)
    since, until = int(ended[steady.start - 1]), int(ended[steady.stop - 1])
    spans = (ended - begun)[steady]
    frames = spans.size
    servers = busy_servers(joint, since, until)
    why = "" if chip.file.energy else f"'{chip.name}' names no energy table"
    joules = None
    if not why:
        moving = sum(term.joules for k, one in enumerate(alone) for term in without_commands(stages.neighbours, k, activity, one.warm))
        commands = joules_of(stages.neighbours, 0.0, (joint,), 0) / ended.size
        static = sum(term.joules for term in energy.static_terms(stages.neighbours, (until - since) * PS)) / frames
        joules = float(moving + commands + static)
    predicted = stages.cut.predicted_s
    return Staged(
        version, chip.name, chip.file.title, joint.engine, stages.graph.name, batch, frames, tuple(_stage(stages, k, one, batch, servers) for k, one in enumerate(alone)), whole,
        int(first.finish[first.plan.ends[-1]] - first.finish[first.plan.starts[0]]) * PS, float(np.percentile(spans, 50)) * PS, float(np.percentile(spans, 99)) * PS,
        batch * frames / ((until - since) * PS), batch / predicted if predicted else None, joules, why,
        stages.memory, bytes_taken(stages.neighbours), servers, joint, stages,
    )  # fmt: skip


def steady_rate(trace: Trace, fill: int, batch: int) -> float:
    """Return the inputs per second of a network alone, without the inferences that fill and drain it [1/s]."""
    ended = trace.finish[trace.plan.ends]
    return batch * (ended.size - 2 * fill) / (int(ended[-fill - 1] - ended[fill - 1]) * PS)


def _stage(stages: Stages, k: int, alone: StageAlone, batch: int, servers: tuple[dict, ...]) -> StageResult:
    mapping, units = stages.neighbours.mappings[k], stages.cut.units[k]
    used = {layer.unit for layer in mapping.layers} - {mapping.chip.host} or {mapping.chip.host}
    busy = max((server["by"][k] for server in servers if server["name"] in used), default=0.0)
    hands = sum(stages.handed[k].values()) if k < len(stages.handed) else 0
    first = stages.graph.nodes[stages.cut.begins[k]].name
    return StageResult(units, first, len(mapping.graph.nodes), hands, alone.warm.latency() * PS, steady_rate(alone.frames, stages.in_flight, batch), busy)
