"""Matchings + traces -> Result of an RBF chip: what one recognition takes, and a block of all that is its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accelsim.base.provenance import worst
from accelsim.engine.trace import Trace
from accelsim.mapping.matching import Matching
from accelsim.results import energy
from accelsim.results.layer_table import LayerResult
from accelsim.results.match_energy import match_terms, without_link
from accelsim.results.result import Output, Request, Result

PS = 1e-12


@dataclass(frozen=True, eq=False)
class Phase:
    """Operations of one sort, back to back through the host link, and as if the link took no time."""

    mapping: Matching
    linked: Trace
    unlinked: Trace

    @property
    def seconds(self) -> float:
        """Mean time of one operation [s]."""
        return float(service(self.linked).mean()) * PS

    @property
    def cycles(self) -> float:
        """Mean cycles of one operation."""
        return float(self.mapping.cycles.mean())

    @property
    def link_bytes(self) -> float:
        """Mean bytes of one operation on the link [B]."""
        return float(self.mapping.link_bytes.mean())

    def terms(self) -> list[energy.Term]:
        """Return the mean energy of one operation."""
        return match_terms(self.mapping, self.cycles, self.link_bytes, self.seconds)


def service(trace: Trace) -> np.ndarray:
    """Return the time from the start of each operation to its end, waiting for earlier ones not counted [ps]."""
    return trace.finish[trace.plan.ends] - trace.start[trace.plan.starts]


def summary(phase: Phase) -> dict:
    """Return the figures of one sort of operation, as they stand in the JSON; means unless named otherwise."""
    times, alone = service(phase.linked) * PS, service(phase.unlinked) * PS
    terms = phase.terms()
    unlinked = without_link(phase.mapping, match_terms(phase.mapping, phase.cycles, 0, float(alone.mean())))
    return {
        "operations": int(times.size),
        "latency_s": float(times.mean()),
        "latency_p50_s": float(np.percentile(times, 50)),
        "latency_p99_s": float(np.percentile(times, 99)),
        "latency_without_link_s": float(alone.mean()),
        "per_second": times.size / (phase.linked.makespan * PS),
        "per_second_without_link": times.size / (phase.unlinked.makespan * PS),
        "cycles": phase.cycles,
        "link_bytes": phase.link_bytes,
        "energy_j": energy_of(terms),
        "energy_without_link_j": energy_of(unlinked),
        "estimated_share": energy.estimated_share(terms),
        "estimated_share_without_link": energy.estimated_share(unlinked),
    }


def energy_of(terms: list[energy.Term]) -> dict[str, float]:
    """Return total, dynamic and static joules."""
    static = sum(term.joules for term in terms if term.component == "static")
    total = sum(term.joules for term in terms)
    return {"total": float(total), "dynamic": float(total - static), "static": float(static)}


def account_matching(
    recognition: Phase, cold: Trace, frames: Trace, request: Request, rbf: Mapping, accuracy: dict, answers: Output, version: str, notes: tuple[str, ...]
) -> Result:
    """Return the Result of an RBF chip; per inference means per recognition, averaged over the test part.

    Parameters
    ----------
    cold : Trace
        Restores the knowledge, then recognises once.
    frames : Trace
        The recognitions that were asked for.
    rbf : mapping
        The block of that name in the JSON.
    """
    mapping, terms = recognition.mapping, recognition.terms()
    chip, joules = mapping.chip, energy_of(recognition.terms())
    hz = chip.units[mapping.unit].exact_clock().hz
    waits = (frames.finish[frames.plan.ends] - frames.plan.release[frames.plan.starts]) * PS
    makespan_cycles = round(recognition.seconds * hz)
    return Result(
        version, chip.name, chip.file.title, chip.file.fidelity, accuracy["data"], recognition.linked.engine, request,
        recognition.seconds,
        float(cold.finish[cold.plan.ends[0]]) * PS,
        float(np.percentile(waits, 50)),
        float(np.percentile(waits, 99)),
        len(waits) / (frames.makespan * PS),
        {mapping.unit: {"cycles": makespan_cycles, "busy_cycles": round(recognition.cycles), "clock_hz": hz}},
        makespan_cycles,
        joules,
        _by_component(terms),
        joules["total"] / recognition.seconds,
        0, None, accuracy,
        _memories(recognition, rbf),
        (_row(recognition, joules),),
        (answers,),
        _grades(recognition, terms),
        "", "", (), (*chip.caveats, *notes), tuple(terms), frames, mapping, None, dict(rbf),
    )  # fmt: skip


def _by_component(terms: list[energy.Term]) -> dict[str, float]:
    found: dict[str, float] = {}
    for term in terms:
        found[term.component] = found.get(term.component, 0.0) + term.joules
    return found


def _memories(recognition: Phase, rbf: Mapping) -> dict[str, dict]:
    """Every neuron reads its vector as it is compared; the host's frames leave its memory."""
    mapping = recognition.mapping
    table = {name: {"read_bytes": 0, "write_bytes": 0, "energy_j": 0.0, "peak_used_bytes": 0} for name in mapping.chip.memories}
    knowledge = mapping.chip.units[mapping.unit].memories[0]
    stored = rbf["neurons_committed"] * rbf["components"]
    table[knowledge] |= {"read_bytes": stored, "peak_used_bytes": stored}
    table[mapping.chip.links[mapping.link].sources[0]]["read_bytes"] = round(recognition.link_bytes)
    return table


def _row(recognition: Phase, joules: dict[str, float]) -> LayerResult:
    mapping = recognition.mapping
    choice = mapping.choices[0]
    bound = max(choice.bound, key=choice.bound.get)
    cycles, span = round(recognition.cycles), round(recognition.seconds * mapping.chip.units[mapping.unit].exact_clock().hz)
    return LayerResult(
        mapping.name, "match", mapping.unit, 0.0, recognition.seconds, cycles, span - cycles, 0, None, joules["dynamic"], round(recognition.link_bytes), 0,
        "compute" if bound == mapping.unit else bound, choice.cost.note, "",
    )  # fmt: skip


def _grades(recognition: Phase, terms: list[energy.Term]) -> dict:
    mapping = recognition.mapping
    chip, bound = mapping.chip, mapping.choices[0].bound
    unit = worst(chip.provenance_of(f"units.{mapping.unit}.{field}").grade for field in ("clock" if chip.units[mapping.unit].chips == 1 else "chained_clock", "cycles.distance"))
    link = worst(chip.provenance_of(f"links.{mapping.link}.{field}").grade for field in ("bandwidth", "header_bytes", "word_bytes"))
    weighted = [(bound[mapping.unit], unit), (bound[mapping.link], link)]
    return {"latency": worst(energy.grades_that_matter(weighted)), "energy": energy.grade(terms), "estimated_share": energy.estimated_share(terms)}
