"""Which layer has a unit when several take turns at it, as in a cascade: then spans overlap, and only turns add up to the run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.plan import COMPUTE
from accelsim.results.layer_table import LayerResult

PS = 1e-12


@dataclass(frozen=True, slots=True)
class Turn:
    """A time in which a unit computes for one layer, or waits in order to; ``row`` is that of the layer table."""

    row: int
    unit: str
    begin_s: float
    end_s: float


def turns(mapping: NetworkMapping, trace: Trace, rows: Sequence[LayerResult]) -> list[Turn]:
    """Return the first inference as turns of its layers; those of one unit do not overlap.

    A layer that has its unit for itself has one turn, its span. Where spans overlap, a turn ends with the layer's last computation
    before another layer's; the last one lasts until all of them have ended.
    """
    found: list[Turn] = []
    for group in overlapping(rows):
        if len(group) == 1:
            row = rows[group[0]]
            found.append(Turn(group[0], row.unit, row.start_s, row.end_s))
        else:
            found += _interleaved(mapping, trace, rows, group)
    return found


def overlapping(rows: Sequence[LayerResult]) -> list[list[int]]:
    """Return the rows in groups whose spans overlap on one unit; a layer that overlaps with none is a group of its own."""
    groups: list[list[int]] = []
    latest: dict[str, tuple[list[int], float]] = {}
    for index in sorted(range(len(rows)), key=lambda i: (rows[i].start_s, i)):
        row = rows[index]
        group, end = latest.get(row.unit, (None, 0.0))
        if group is None or row.start_s >= end:
            group = []
            groups.append(group)
            end = row.end_s
        group.append(index)
        latest[row.unit] = (group, max(end, row.end_s))
    return groups


def _interleaved(mapping: NetworkMapping, trace: Trace, rows: Sequence[LayerResult], group: list[int]) -> list[Turn]:
    plan, unit = trace.plan, rows[group[0]].unit
    row_of = {mapping.choices[i].layer.index: i for i in group}
    tasks = np.flatnonzero((plan.role == COMPUTE) & (plan.frame == 0) & np.isin(plan.layer, list(row_of)))
    tasks = tasks[np.argsort(trace.start[tasks], kind="stable")]
    layer = plan.layer[tasks]
    last = np.flatnonzero(np.append(layer[1:] != layer[:-1], True))
    ends = trace.finish[tasks[last]] * PS
    ends[-1] = max(rows[i].end_s for i in group)
    begins = np.append(min(rows[i].start_s for i in group), ends[:-1])
    return [Turn(row_of[int(of)], unit, float(begin), float(end)) for of, begin, end in zip(layer[last], begins, ends, strict=True)]
