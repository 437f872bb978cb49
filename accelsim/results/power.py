"""Power over time: every joule of a run laid over the tasks that spend it; power integrates to energy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from accelsim.engine.trace import Trace
from accelsim.kernels import spans
from accelsim.mapping.plan import COMPUTE, START, Plan
from accelsim.results.result import Result

WINDOWS = 400
Spread = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], None]
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


def power_over_time(result: Result, windows: int = WINDOWS, lay: Spread = spans.spread) -> Power | None:
    """Return the power of the requested frames; None where the run has no energy, no clock or no trace.

    A unit's joules flow while it computes, a memory's and a mover's while bytes pass it, each layer for itself; what moves
    without taking time is laid over the layer's computation, and what belongs to no layer (refresh) over the whole run.

    Parameters
    ----------
    lay : callable, optional
        ``kernels.span_loop.spread`` does the same sooner where the compiler is loaded anyway.
    """
    trace = result.trace
    if result.energy_j is None or result.latency_s is None or trace is None or not trace.makespan:
        return None
    edges = np.linspace(0, trace.makespan, windows + 1)
    seconds = np.diff(edges) * S_PER_PS
    flows = _Flows(result, trace)
    joules = np.zeros((len(flows.components), windows))
    lay(trace.start, trace.finish, flows.served, flows.component, edges, joules)
    for component in np.flatnonzero(flows.in_passing.any(axis=1)):
        flowing = flows.in_passing[component, trace.plan.layer + 1] * flows.working
        lay(trace.start, trace.finish, flowing, np.full(flowing.size, component), edges, joules)
    steady = flows.steady / seconds.sum()
    watts = {name: joules[i] / seconds + steady[i] for i, name in enumerate(flows.components)}
    static = result.energy_j["static"] / result.latency_s
    if static:
        watts["static"] = np.full(windows, static)
    return Power(edges * S_PER_PS, watts)


class _Flows:
    """With which tasks a run's dynamic joules flow.

    Attributes
    ----------
    components : list of str
    served : ndarray, shape (tasks,), float64
        Joules of each task at its own server [J]; ``component`` is the server's, 0 where it spends nothing.
    in_passing : ndarray, shape (components, layers + 1), float64
        Joules per cycle of a layer's computation, for what moves without a server; the first column is for no layer [J/cycle].
    working : ndarray, shape (tasks,), float64
        Cycles of computation.
    steady : ndarray, shape (components,), float64
        Joules that belong to no task [J].
    """

    def __init__(self, result: Result, trace: Trace):
        plan, frames = trace.plan, result.request.frames
        columns = result.columns.dynamic()
        self.components = list(columns.components)
        index = {name: i for i, name in enumerate(self.components)}
        places, of_resource, layers = _places(plan)
        amount = np.where((plan.frame >= 0) & (plan.resource >= 0), plan.amount, 0).astype(float)
        server = plan.resource.astype(np.int64)  # of a milestone -1: the last entry of what there is of each server
        keys = _key(of_resource, False, -1, layers).take(server, mode="wrap") + plan.write * (layers + 1) + plan.layer + 1
        known = np.bincount(keys, amount, minlength=_key(len(places), False, -1, layers))
        self.working = np.where((plan.role == COMPUTE) | (plan.role == START), amount, 0.0)
        at_work = np.flatnonzero(self.working)
        worked = np.bincount(plan.layer[at_work] + 1, self.working[at_work], minlength=layers + 1)
        place = np.array([places.get(name, len(places)) for name in self.components], np.int64)[columns.component]
        key = _key(place, columns.write, columns.layer, layers)
        joules = columns.joules * frames
        of_key = np.where(key < known.size, known[np.minimum(key, known.size - 1)], 0.0)
        of_layer = np.where(columns.layer >= 0, worked[columns.layer + 1], 0.0)
        at_server = of_key != 0
        passing = ~at_server & (of_layer != 0)
        per_key = np.bincount(key[at_server], joules[at_server] / of_key[at_server], known.size)
        wide = len(self.components) * (layers + 1)
        spot = columns.component * (layers + 1) + columns.layer + 1
        self.in_passing = np.bincount(spot[passing], joules[passing] / of_layer[passing], wide).reshape(len(self.components), layers + 1)
        rest = ~at_server & ~passing
        self.steady = np.bincount(columns.component[rest], joules[rest], len(self.components))
        self.served = per_key.take(keys) * amount
        self.component = np.array([index.get(name, 0) for name in places], np.int64)[of_resource].take(server, mode="wrap")


def _places(plan: Plan) -> tuple[dict[str, int], np.ndarray, int]:
    """Return the components that have servers, that of each server, and the number of layers."""
    names = [resource.name.partition(":")[0].removesuffix(".read").removesuffix(".write") for resource in plan.resources]
    places = {name: index for index, name in enumerate(dict.fromkeys(names))}
    of_resource = np.array([places[name] for name in names] + [0])  # a milestone has no server and no amount
    return places, of_resource, int(plan.layer.max(initial=-1)) + 1


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
    windows = np.zeros((1, edges.size - 1))
    spans.spread(start, finish, amount, np.zeros(start.size, np.int64), edges, windows)
    return windows[0]
