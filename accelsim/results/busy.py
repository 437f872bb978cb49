"""When each server is busy, and what a layer waits for while its unit does not compute."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.kernels.service import CLOCKED, READ_LATENCY, WRITE_LATENCY
from accelsim.mapping.plan import MILESTONE

COMPUTE, WAITING = "compute", "latency and waits"


@dataclass(frozen=True, eq=False)
class Busy:
    """Which servers work between consecutive instants.

    Attributes
    ----------
    names : tuple of str
        The servers.
    edges : ndarray, shape (instants,), int64
        Every time at which a task begins or ends [ps].
    working : ndarray, shape (servers, instants - 1), bool
    """

    names: tuple[str, ...]
    edges: np.ndarray
    working: np.ndarray


def released(trace: Trace) -> np.ndarray:
    """Return when each task's server was free again: its finish without the pipelined latency, shape (tasks,) [ps]."""
    plan = trace.plan
    latency = np.array([(0, 0) if r.service == CLOCKED else (r.parameters[READ_LATENCY], r.parameters[WRITE_LATENCY]) for r in plan.resources], np.int64).reshape(-1, 2)
    served = plan.resource >= 0
    late = np.zeros(plan.tasks, np.int64)
    late[served] = latency[plan.resource[served], plan.write[served].astype(int)]
    return trace.finish - late


def busy(trace: Trace) -> Busy:
    """Return when the servers of a trace work."""
    plan, free = trace.plan, released(trace)
    tasks = np.flatnonzero((plan.role != MILESTONE) & (plan.resource >= 0))
    edges = np.unique(np.concatenate([[0, trace.makespan], trace.start[tasks], free[tasks]]))
    change = np.zeros((len(plan.resources), edges.size), np.int32)
    np.add.at(change, (plan.resource[tasks], np.searchsorted(edges, trace.start[tasks])), 1)
    np.add.at(change, (plan.resource[tasks], np.searchsorted(edges, free[tasks])), -1)
    return Busy(tuple(r.name for r in plan.resources), edges, np.cumsum(change, axis=1)[:, :-1] > 0)


def stalls(trace: Trace, spans: Iterable[tuple[str, float, float]]) -> list[dict[str, float]]:
    """Return what each span of a unit is spent on.

    Parameters
    ----------
    spans : iterable of (str, float, float)
        A unit and the begin and end of a layer on it [s].

    Returns
    -------
    list of dict of str to float
        Seconds of "compute", of waiting while each other server works, and of "latency and waits" while none does. Where several
        work at once they share the moment evenly, so that the seconds of a span add up to it.
    """
    seen = busy(trace)
    width = np.diff(seen.edges)
    spans = list(spans)
    found: list[dict[str, float]] = [{}] * len(spans)
    for unit in {unit for unit, _, _ in spans}:
        names, total = _blame(seen, width, seen.names.index(unit))
        own = [i for i, span in enumerate(spans) if span[0] == unit]
        borders = np.array([spans[i][1:] for i in own]) * 1e12
        seconds = np.stack([np.diff(np.interp(borders, seen.edges, row), axis=1)[:, 0] * 1e-12 for row in total], axis=1)
        for i, row in zip(own, seconds.tolist(), strict=True):
            found[i] = {name: value for name, value in zip(names, row, strict=True) if value > 0}
    return found


def _blame(seen: Busy, width: np.ndarray, own: int) -> tuple[list[str], np.ndarray]:
    """Return names and the running totals of time given to each [ps], shape (names, instants)."""
    others = [i for i in range(len(seen.names)) if i != own]
    stalled = ~seen.working[own]
    at_once = seen.working[others].sum(axis=0)
    each = np.divide(stalled * width, at_once, out=np.zeros(width.size), where=at_once > 0)
    parts = np.array([~stalled * width, *(seen.working[i] * each for i in others), (stalled & (at_once == 0)) * width], float)
    totals = np.concatenate([np.zeros((len(parts), 1)), np.cumsum(parts, axis=1)], axis=1)
    return [COMPUTE, *(seen.names[i] for i in others), WAITING], totals
