"""Mapping + traces (+ activity) -> Result."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accelsim.base.provenance import worst
from accelsim.engine.trace import Trace
from accelsim.graph.activity import Activity
from accelsim.graph.declared_activity import DeclaredActivity
from accelsim.graph.graph import Graph
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.observed import depends_on_data
from accelsim.results import energy
from accelsim.results.columns import Columns
from accelsim.results.layer_table import layer_results
from accelsim.results.result import Output, Request, Result
from accelsim.results.traffic import memory_results

PS = 1e-12


@dataclass(frozen=True, eq=False)
class Simulated:
    """The traces of one run: a warm inference alone, a cold one (None: not asked for), and the frames that were asked for."""

    warm: Trace
    cold: Trace | None
    frames: Trace


def account(mapping: NetworkMapping, simulated: Simulated, request: Request, activity: Activity | None, outputs: Mapping[str, np.ndarray] | None, version: str, extras: dict) -> Result:
    """Return the Result of a run.

    Parameters
    ----------
    outputs : mapping of str to ndarray, optional
        What the network computed; None where it was not executed.
    extras : dict
        ``accuracy``, ``top_classes``, ``notes`` of the run.

    Raises
    ------
    AccelsimError
        The chip's energy table lacks an action that the chip uses.
    """
    chip, file = mapping.chip, mapping.chip.file
    seconds = simulated.warm.latency(from_release=True) * PS
    clockless = sorted(name for name, unit in file.units.items() if unit.clock is None)
    why_no_time = f"{', '.join(clockless)} of '{chip.name}' has no clock: times are null, cycles count" if clockless else ""
    why_no_energy = "" if file.energy else f"'{chip.name}' names no energy table"
    if clockless and not why_no_energy:
        why_no_energy = "static power needs seconds, and there is no clock"
    terms = None if why_no_energy else energy.dynamic_terms(mapping, activity, simulated.warm)
    static = [] if why_no_energy else energy.static_terms(mapping, seconds)
    every = [*(terms or []), *static]
    columns = Columns.of(every) if terms is not None else None
    rows = layer_results(mapping, simulated.warm, columns.by_layer(len(mapping.layers)) if columns is not None else None)
    known = {"total": columns.total(), "dynamic": columns.total(len(terms)), "static": float(sum(term.joules for term in static))} if columns is not None else None
    joules = columns.by_component() if columns is not None else None
    timed = not clockless
    macs = sum(row.macs for row in rows)
    units = _units(mapping, simulated.warm)
    main = max((n for n in units), key=lambda n: sum(r.macs for r in rows if r.unit == n), default=None)
    peak = file.units[main].peak_macs_per_cycle if main else 0
    latencies = [simulated.frames.latency(f, request.rate is not None) * PS for f in range(request.frames)]
    middle, slow = np.percentile(latencies, (50, 99)).tolist() if len(latencies) > 1 else latencies * 2
    result = Result(
        version, chip.name, file.title, file.fidelity, mapping.graph.name, simulated.warm.engine, request,
        seconds if timed else None,
        _first(simulated.cold) * PS if timed and simulated.cold is not None else None,
        middle if timed else None,
        slow if timed else None,
        request.batch * request.frames / (simulated.frames.makespan * PS) if timed and simulated.frames.makespan else None,
        {n: u if timed else u | {"clock_hz": None} for n, u in units.items()},
        units[main]["cycles"] if main else None,
        known,
        joules,
        known["total"] / seconds if known and seconds else None,
        macs,
        macs / (units[main]["cycles"] * peak) if main and peak and units[main]["cycles"] else None,
        extras.get("accuracy"),
        memory_results(mapping, joules, simulated.warm),
        rows,
        _outputs(mapping.graph, outputs),
        _grades(mapping, rows, columns, timed) | _of_declared_data(mapping, activity, timed, terms is not None),
        why_no_energy, why_no_time,
        tuple(extras.get("top_classes", ())),
        (*chip.caveats, *mapping.graph.notes, *extras.get("notes", ())),
        tuple(every), simulated.frames, mapping, dict(outputs) if outputs is not None else None,
    )  # fmt: skip
    if columns is not None:
        vars(result)["columns"] = columns  # where the property of this name keeps them
    return result


def _of_declared_data(mapping: NetworkMapping, activity, timed: bool, priced: bool) -> dict:
    """Return the grades that declared data forces: what rests on an assumption about values is estimated."""
    if not isinstance(activity, DeclaredActivity):
        return {}
    latency = {"latency": "estimated"} if timed and depends_on_data(mapping.chip) else {}
    return latency | ({"energy": "estimated"} if priced else {})


def _first(trace: Trace) -> int:
    return int(trace.finish[trace.plan.ends[0]])


def _units(mapping: NetworkMapping, trace: Trace) -> dict[str, dict]:
    """Return per unit the makespan and the busy time in its cycles."""
    table = {}
    for name, unit in mapping.chip.units.items():
        index = mapping.routes.index[name]
        clock = unit.exact_clock()
        busy = int(trace.plan.amount[trace.plan.resource == index].sum())
        table[name] = {"cycles": clock.edge_at_or_after(trace.makespan), "busy_cycles": busy, "clock_hz": clock.hz}
    return table


def _outputs(graph: Graph, outputs: Mapping[str, np.ndarray] | None) -> tuple[Output, ...]:
    found = []
    for name in graph.outputs:
        tensor = graph.tensors[name]
        digest = hashlib.sha256(np.ascontiguousarray(outputs[name]).tobytes()).hexdigest() if outputs is not None else None
        found.append(Output(name, tensor.shape, tensor.dtype, digest))
    return tuple(found)


def _grades(mapping: NetworkMapping, rows, columns: Columns | None, timed: bool) -> dict:
    """Latency: the worst grade among the figures that bound layers of more than a twentieth of the time; energy likewise by joules."""
    chip = mapping.chip
    bounds = {(row.unit, row.bound_by) for row in rows}
    grades = {}
    for unit, bound in bounds:
        path = f"units.{unit}.clock" if bound == "compute" else f"{'links' if bound in chip.links else 'memories'}.{bound}.bandwidth"
        grades[unit, bound] = chip.provenance_of(path).grade
    weighted = [(row.seconds, grades[row.unit, row.bound_by]) for row in rows]
    latency = worst(energy.grades_that_matter(weighted)) if timed and weighted else None
    return {
        "latency": latency,
        "energy": columns.worst_grade if columns is not None and columns.joules.size else None,
        "estimated_share": columns.estimated_share if columns is not None and columns.joules.size else None,
    }
