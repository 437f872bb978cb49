"""A trace for the Perfetto viewer: units, memories and movers as tracks; bandwidth and power as counters.

Networks that run together, or stages of one, are a process each, so that a server that works for two of them has a track in both.
The format is the Chrome trace event JSON that Perfetto reads: times in microseconds, "X" for a span, "C" for a counter.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from accelsim.base.files import write_whole
from accelsim.engine.trace import Trace
from accelsim.mapping.mapper import NetworkMapping
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
    _write(path, events(result), result.chip, result.model)


def write_several(trace: Trace, mappings: Sequence[NetworkMapping], names: Sequence[str], chip: str, path: str | Path) -> None:
    """Write the joint trace of several networks on a chip, or of the stages of one, each under its name."""
    _write(path, events_of_several(trace, mappings, names, chip), chip, ", ".join(names))


def _write(path: str | Path, found: list[dict], chip: str, model: str) -> None:
    write_whole(path, json.dumps({"traceEvents": found, "displayTimeUnit": "ns", "otherData": {"chip": chip, "model": model}}))


def events(result: Result) -> list[dict]:
    """Return the trace events."""
    trace = result.trace
    found = _named(PROCESS, f"{result.model} on {result.chip}", enumerate(resource.name for resource in trace.plan.resources))
    found += _spans([result.mapping], trace)
    found += _bandwidths(trace, PROCESS)
    if (power := power_over_time(result, COUNTER_STEPS)) is not None:
        found += _counter("power [mW]", power.edges[:-1] * PS_PER_S, power.total * 1e3)
    return found


def events_of_several(trace: Trace, mappings: Sequence[NetworkMapping], names: Sequence[str], chip: str) -> list[dict]:
    """Return the events of a joint trace: a process for each network with the servers that it uses, and one for the chip's channels."""
    plan, found = trace.plan, []
    for k, name in enumerate(names):
        used = np.unique(plan.resource[(plan.requester == k) & (plan.role != MILESTONE)]).tolist()
        found += _named(PROCESS + k, name, ((i, plan.resources[i].name) for i in used))
    found += _named(PROCESS + len(names), f"{chip}: bandwidth of all", ())
    return found + _spans(mappings, trace) + _bandwidths(trace, PROCESS + len(names))


def _named(process: int, name: str, tracks: Iterable[tuple[int, str]]) -> list[dict]:
    found = [{"name": "process_name", "ph": "M", "pid": process, "tid": 0, "args": {"name": name}}]
    return found + [{"name": "thread_name", "ph": "M", "pid": process, "tid": i + 1, "args": {"name": track}} for i, track in tracks]


def _spans(mappings: Sequence[NetworkMapping], trace: Trace) -> list[dict]:
    """Return a span for each task on its server's track in its network's process."""
    plan, free_again = trace.plan, released(trace)
    whose = plan.requester if plan.requester is not None else np.zeros(plan.tasks, np.int32)
    # A joint plan numbers the layers of its networks one after the other.
    first = [int(plan.layer[whose < k].max(initial=-1)) + 1 for k in range(len(mappings))]
    names = [{begin + choice.layer.index: choice.layer for choice in mapping.choices} for begin, mapping in zip(first, mappings, strict=True)]
    tasks = np.flatnonzero(plan.role != MILESTONE)
    order = tasks[np.lexsort((trace.start[tasks], plan.resource[tasks]))]
    found = []
    for task in order.tolist():
        network = int(whose[task])
        layer = names[network].get(int(plan.layer[task]))
        found.append(
            {
                "name": layer.name if layer else ROLES[plan.role[task]],
                "cat": ROLES[plan.role[task]],
                "ph": "X",
                "ts": int(trace.start[task]) * US_PER_PS,
                "dur": int(free_again[task] - trace.start[task]) * US_PER_PS,
                "pid": PROCESS + network,
                "tid": int(plan.resource[task]) + 1,
                "args": {"amount": int(plan.amount[task]), "frame": int(plan.frame[task]), "operator": layer.operator if layer else ""},
            }
        )
    return found


def _bandwidths(trace: Trace, process: int) -> list[dict]:
    found = []
    for i, resource in enumerate(trace.plan.resources):
        if np.isin(trace.plan.role[trace.plan.resource == i], BYTES).any():
            found += _counter(f"{resource.name} [GB/s]", *_bandwidth(trace, i), process)
    return found


def _bandwidth(trace: Trace, resource: int) -> tuple[np.ndarray, np.ndarray]:
    plan = trace.plan
    tasks = np.flatnonzero(plan.resource == resource)
    edges = np.linspace(0, trace.makespan, COUNTER_STEPS + 1)
    moved = spread(trace.start[tasks], trace.finish[tasks], plan.amount[tasks].astype(float), edges)
    return edges[:-1], moved / np.diff(edges) * 1e12 / 1e9


def _counter(name: str, times: np.ndarray, values: np.ndarray, process: int = PROCESS) -> list[dict]:
    return [{"name": name, "ph": "C", "ts": float(t) * US_PER_PS, "pid": process, "args": {name.split()[-1].strip("[]"): float(v)}} for t, v in zip(times, values, strict=True)]
