"""Per layer: when, how many cycles, bytes and joules, and what bounds it."""

from dataclasses import dataclass

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.mapping.choice import Choice
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.plan import COMPUTE, MILESTONE

PS = 1e-12


@dataclass(frozen=True, slots=True)
class LayerResult:
    """One row of the layer table; the JSON keys are its fields.

    ``stall_cycles`` are the cycles of the layer's span in which its unit did not compute for it; ``utilization`` is MACs over
    the unit's peak in that span. Spans of layers that are done depth first overlap. Asynchronous units have no cycles.
    """

    name: str
    operator: str
    unit: str
    start_s: float
    end_s: float
    cycles: int | None
    stall_cycles: int | None
    macs: int
    utilization: float | None
    energy_j: float | None
    read_bytes: int
    write_bytes: int
    bound_by: str
    mapping: str
    fallback: str

    @property
    def seconds(self) -> float:
        """Span of the layer [s]."""
        return self.end_s - self.start_s


def layer_results(mapping: NetworkMapping, trace: Trace, energy: np.ndarray | None) -> tuple[LayerResult, ...]:
    """Return the rows of one inference, the first of the trace.

    Parameters
    ----------
    energy : ndarray, shape (layers,), float64, optional
        Joules of each layer; None where they are not known [J].
    """
    plan, count = trace.plan, len(mapping.layers)
    of_layers = (plan.layer >= 0) & (plan.frame == 0)
    begin = np.full(count, np.iinfo(np.int64).max)
    end = np.zeros(count, np.int64)
    working = np.flatnonzero(of_layers & (plan.role == COMPUTE))
    np.minimum.at(begin, plan.layer[working], trace.start[working])
    ends = np.flatnonzero(of_layers & (plan.role == MILESTONE))
    np.maximum.at(end, plan.layer[ends], trace.finish[ends])
    # A layer's first milestone to pass is the one at which its inputs are ready.
    ready = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(ready, plan.layer[ends], trace.finish[ends])
    joules = [None] * count if energy is None else energy.tolist()
    begins, finishes, readies = begin.tolist(), end.tolist(), ready.tolist()
    speeds = {name: (unit.exact_clock().hz, unit.peak_macs_per_cycle) for name, unit in mapping.chip.units.items()}
    previous_end: dict[str, int] = {}
    rows = []
    for choice in mapping.choices:
        i, unit = choice.layer.index, choice.layer.unit
        # A layer's span on its unit begins where the one before it ended, so that waits are seen and nothing is counted twice.
        start = min(max(previous_end.get(unit, 0), readies[i]), begins[i])
        previous_end[unit] = finishes[i]
        rows.append(_row(choice, speeds[unit], start, finishes[i], joules[i]))
    return tuple(rows)


def _row(choice: Choice, speed: tuple[float, int], start: int, end: int, energy: float | None) -> LayerResult:
    layer, (hz, peak) = choice.layer, speed
    span = round((end - start) * PS * hz)
    macs, operator, reads, writes, how = _fixed(choice)
    bound = max(choice.bound, key=choice.bound.get)
    return LayerResult(
        layer.name,
        operator,
        layer.unit,
        start * PS,
        end * PS,
        choice.cost.cycles,
        max(0, span - choice.cost.cycles),
        macs,
        macs / (span * peak) if peak and span and macs else None,
        energy,
        reads,
        writes,
        "compute" if bound == layer.unit else bound,
        how,
        layer.why,
    )


def _fixed(choice: Choice) -> tuple[int, str, int, int, str]:
    """Return what no speed changes: products, operators, bytes read and written at the tensors' homes, and in words how it is done."""
    if "layer_row" not in choice.known:
        reads = sum(s.payload for s in choice.streams for hop in s.hops[:1] if not hop.write and s.role != "output")
        writes = sum(s.payload for s in choice.streams for hop in s.hops[-1:] if s.role == "output" and s.tensor)
        choice.known["layer_row"] = (choice.layer.macs, choice.layer.operator, reads, writes, f"{choice.considered[0][0]}; {choice.cost.note}")
    return choice.known["layer_row"]
