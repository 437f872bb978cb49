"""Power over time: every joule of a run laid over the tasks that spend it; power integrates to energy."""

from dataclasses import dataclass

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.mapping.plan import COMPUTE, START, Plan
from accelsim.results.result import Result

WINDOWS = 400
S_PER_PS = 1e-12


@dataclass(frozen=True, eq=False)
class Power:
    """Mean power in equal windows of a run.

    Attributes
    ----------
    edges : ndarray, shape (windows + 1,), float64
        Borders of the windows [s].
    watts : dict of str to ndarray, shape (windows,), float64
        Of each unit, memory and mover, and "static" [W].
    """

    edges: np.ndarray
    watts: dict[str, np.ndarray]

    @property
    def total(self) -> np.ndarray:
        """Power of the whole chip, shape (windows,) [W]."""
        return np.sum(list(self.watts.values()), axis=0) if self.watts else np.zeros(self.edges.size - 1)

    @property
    def peak(self) -> float:
        """Power of the window that draws most [W]; it depends on the windows' length."""
        return float(self.total.max(initial=0.0))


def power_over_time(result: Result, windows: int = WINDOWS) -> Power | None:
    """Return the power of the requested frames; None where the run has no energy, no clock or no trace.

    A unit's joules flow while it computes, a memory's and a mover's while bytes pass it, each layer for itself; what moves
    without taking time is laid over the layer's computation, and what belongs to no layer (refresh) over the whole run.
    """
    trace = result.trace
    if result.energy_j is None or result.latency_s is None or trace is None or not trace.makespan:
        return None
    edges = np.linspace(0, trace.makespan, windows + 1)
    seconds = np.diff(edges) * S_PER_PS
    components, joules, steady = _joules_of_tasks(result, trace)
    watts = {}
    for index, name in enumerate(components):
        tasks = np.flatnonzero(joules[index])
        watts[name] = spread(trace.start[tasks], trace.finish[tasks], joules[index, tasks], edges) / seconds + steady[index] / seconds.sum()
    static = result.energy_j["static"] / result.latency_s
    if static:
        watts["static"] = np.full(windows, static)
    return Power(edges * S_PER_PS, watts)


def _joules_of_tasks(result: Result, trace: Trace) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the components, the joules of each task, shape (components, tasks), and those that belong to none, shape (components,)."""
    plan = trace.plan
    terms = [term for term in result.terms if term.component != "static" and term.joules]
    components = list(dict.fromkeys(term.component for term in terms))
    places, place_of_task, layers = _places(plan)
    frames = result.request.frames
    amount = np.where((plan.frame >= 0) & (plan.resource >= 0), plan.amount, 0).astype(float)
    keys = _key(place_of_task, plan.write, plan.layer, layers)
    everywhere = np.bincount(keys, amount, minlength=_key(len(places), False, -1, layers))
    working = np.where((plan.role == COMPUTE) | (plan.role == START), amount, 0.0)
    computed = np.bincount(plan.layer + 1, working, minlength=layers + 1)
    per_key, per_layer = np.zeros((len(components), everywhere.size)), np.zeros((len(components), computed.size))
    steady = np.zeros(len(components))
    known, worked = everywhere.tolist(), computed.tolist()
    index = {name: i for i, name in enumerate(components)}
    for term in terms:
        key = _key(places.get(term.component, len(places)), term.action == "write", term.layer, layers)
        if key < len(known) and known[key]:
            per_key[index[term.component], key] += term.joules * frames / known[key]
        elif term.layer < 0 or not worked[term.layer + 1]:
            steady[index[term.component]] += term.joules * frames
        else:
            per_layer[index[term.component], term.layer + 1] += term.joules * frames / worked[term.layer + 1]
    joules = per_key[:, keys] * amount + per_layer[:, plan.layer + 1] * working
    return components, joules, steady


def _places(plan: Plan) -> tuple[dict[str, int], np.ndarray, int]:
    """Return the components that have servers, that of each task, and the number of layers."""
    names = [resource.name.partition(":")[0].removesuffix(".read").removesuffix(".write") for resource in plan.resources]
    places = {name: index for index, name in enumerate(dict.fromkeys(names))}
    of_resource = np.array([places[name] for name in names] + [0])  # a milestone has no server and no amount
    return places, of_resource[plan.resource], int(plan.layer.max(initial=-1)) + 1


def _key(place, write, layer, layers: int):
    return (place * 2 + write) * (layers + 1) + layer + 1


def spread(start: np.ndarray, finish: np.ndarray, amount: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how much of amounts that flow evenly over their spans falls between consecutive edges; the sum is conserved.

    Parameters
    ----------
    start, finish : ndarray, shape (spans,), int64
    amount : ndarray, shape (spans,), float64
    edges : ndarray, shape (windows + 1,), float64
    """
    if not start.size:
        return np.zeros(edges.size - 1)
    span = np.maximum(finish - start, 1)
    rate = amount / span
    # The integral of a sum of boxes is piecewise linear with a kink at each start and finish.
    kinks = np.concatenate([start, start + span])
    slopes = np.concatenate([rate, -rate])
    order = np.argsort(kinks, kind="stable")
    kinks, slopes = kinks[order].astype(float), np.cumsum(slopes[order])
    integral = np.concatenate([[0.0], np.cumsum(slopes[:-1] * np.diff(kinks))])
    return np.diff(np.interp(edges, kinks, integral))
