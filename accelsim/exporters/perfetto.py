"""A trace for the Perfetto viewer: units, memories and movers as tracks; bandwidth and power as counters.

The format is the Chrome trace event JSON that Perfetto reads: times in microseconds, "X" for a span, "C" for a counter.
"""

import json
from pathlib import Path

import numpy as np

from accelsim.base.files import write_whole
from accelsim.engine.trace import Trace
from accelsim.mapping.plan import MILESTONE, MOVE, READ, ROLES, WRITE
from accelsim.results.busy import released
from accelsim.results.power import power_over_time, spread
from accelsim.results.result import Result

US_PER_PS = 1e-6
PS_PER_S = 1e12
COUNTER_STEPS = 400
PROCESS = 1
BYTES = (READ, WRITE, MOVE)


def write(result: Result, path: str | Path) -> None:
    """Write the trace of the requested frames."""
    write_whole(path, json.dumps({"traceEvents": events(result), "displayTimeUnit": "ns", "otherData": {"chip": result.chip, "model": result.model}}))


def events(result: Result) -> list[dict]:
    """Return the trace events."""
    trace = result.trace
    tracks = [resource.name for resource in trace.plan.resources]
    found = [{"name": "process_name", "ph": "M", "pid": PROCESS, "tid": 0, "args": {"name": f"{result.model} on {result.chip}"}}]
    for i, name in enumerate(tracks):
        found.append({"name": "thread_name", "ph": "M", "pid": PROCESS, "tid": i + 1, "args": {"name": name}})
    found += _spans(result, trace)
    for i, name in enumerate(tracks):
        if np.isin(trace.plan.role[trace.plan.resource == i], BYTES).any():
            found += _counter(f"{name} [GB/s]", *_bandwidth(trace, i))
    if (power := power_over_time(result, COUNTER_STEPS)) is not None:
        found += _counter("power [mW]", power.edges[:-1] * PS_PER_S, power.total * 1e3)
    return found


def _spans(result: Result, trace: Trace) -> list[dict]:
    """Return a span for each run of tasks of one layer and role on one track, so that long traces stay readable."""
    names = {choice.layer.index: choice.layer for choice in result.mapping.choices}
    plan, free_again = trace.plan, released(trace)
    tasks = np.flatnonzero(plan.role != MILESTONE)
    order = tasks[np.lexsort((trace.start[tasks], plan.resource[tasks]))]
    found = []
    for task in order.tolist():
        layer = names.get(int(plan.layer[task]))
        found.append(
            {
                "name": layer.name if layer else ROLES[plan.role[task]],
                "cat": ROLES[plan.role[task]],
                "ph": "X",
                "ts": int(trace.start[task]) * US_PER_PS,
                "dur": int(free_again[task] - trace.start[task]) * US_PER_PS,
                "pid": PROCESS,
                "tid": int(plan.resource[task]) + 1,
                "args": {"amount": int(plan.amount[task]), "frame": int(plan.frame[task]), "operator": layer.operator if layer else ""},
            }
        )
    return found


def _bandwidth(trace: Trace, resource: int) -> tuple[np.ndarray, np.ndarray]:
    plan = trace.plan
    tasks = np.flatnonzero(plan.resource == resource)
    edges = np.linspace(0, trace.makespan, COUNTER_STEPS + 1)
    moved = spread(trace.start[tasks], trace.finish[tasks], plan.amount[tasks].astype(float), edges)
    return edges[:-1], moved / np.diff(edges) * 1e12 / 1e9


def _counter(name: str, times: np.ndarray, values: np.ndarray) -> list[dict]:
    return [{"name": name, "ph": "C", "ts": float(t) * US_PER_PS, "pid": PROCESS, "args": {name.split()[-1].strip("[]"): float(v)}} for t, v in zip(times, values, strict=True)]
