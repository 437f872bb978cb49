"""Where a network may be cut into stages, and which cut lets the slowest stage end soonest by predicted time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from accelsim.base.errors import AccelsimError, UnsupportedError, not_one_of
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.mapping.mapper import NetworkMapping
from accelsim.mapping.together import Mapper, as_seen_with

MOST_STAGES = 3  # of which an order is looked for where none is stated


@dataclass(frozen=True, slots=True)
class Cut:
    """A network cut into stages.

    Attributes
    ----------
    units : tuple of tuple of str
        Of each stage, the preferred first; the host besides.
    begins : tuple of int
        Index of each stage's first node; the first is 0.
    predicted_s : float or None
        Longest predicted stage, or busy time of the busiest server for all stages [s]; None where the cut was stated.
    """

    units: tuple[tuple[str, ...], ...]
    begins: tuple[int, ...]
    predicted_s: float | None = None


def stated_cut(graph: Graph, units: Sequence[tuple[str, ...]], nodes: Sequence[str]) -> Cut:
    """Return the cut whose later stages begin with the nodes of these names.

    Raises
    ------
    AccelsimError
        A node that the network does not have, nodes out of order, more or fewer than there are later stages.
    """
    names = [node.name for node in graph.nodes]
    place = f"--cut of {graph.name}"
    if len(nodes) != len(units) - 1:
        raise AccelsimError(place, f"names {len(nodes)} nodes for {len(units)} stages", "one for each stage after the first: the node with which it begins")
    for node in nodes:
        if node not in names:
            raise not_one_of(place, node, names)
    begins = (0, *(names.index(node) for node in nodes))
    if any(b <= a for a, b in zip(begins, begins[1:], strict=False)):
        raise AccelsimError(place, f"{', '.join(nodes)} do not follow one another", "a stage has at least one node")
    return Cut(tuple(units), begins)


def best_cut(graph: Graph, chip: Chip, units: Sequence[tuple[str, ...]], mapper: Mapper) -> Cut:
    """Return the cut whose slowest stage is predicted to be the fastest; among equals the one that hands over the fewest bytes.

    Each order of units is asked for its best cut by dynamic programming over the layers' predicted seconds, those of the whole network mapped onto the
    units of each stage. Orders are compared by the slowest stage or, where that is busy for longer, the busiest server that stages share; in which order they take turns there is not predicted.

    Parameters
    ----------
    units : sequence of tuple of str
        Of each stage; empty: all orders of up to three units beside the host, one a stage, and of those with the same time the one of fewest stages.

    Raises
    ------
    AccelsimError
        No cut leaves every stage work that its units do.
    """
    orders = [tuple(units)] if units else list(_orders(chip))
    known = {own: _Seconds(graph, chip, own, mapper) for own in dict.fromkeys(own for order in orders for own in order)}
    found = [cut for order in orders if (cut := _cut_of(graph, chip, order, [known[own] for own in order])) is not None]
    if not found:
        reasons = "; ".join(f"'{seconds.foreign}' is nothing for {'+'.join(own)}" for own, seconds in known.items() if seconds.foreign)
        raise AccelsimError(f"{graph.name} on {chip.name}", f"no cut leaves {max(map(len, orders))} stages work that their units do", reasons)
    return min(found, key=lambda cut: (cut.predicted_s, len(cut.units)))


def _orders(chip: Chip) -> Iterable[tuple[tuple[str, ...], ...]]:
    names = [name for name in chip.units if name != chip.host] or list(chip.units)
    for count in range(1, min(MOST_STAGES, len(names)) + 1):
        for order in permutations(names, count):
            yield tuple((name,) for name in order)


class _Seconds:
    """Predicted seconds of a network's layers on some units, summed up from its first node on."""

    def __init__(self, graph: Graph, chip: Chip, own: tuple[str, ...], mapper: Mapper):
        others = tuple(name for name in chip.units if name not in own and name != chip.host)
        try:
            mapping = mapper(graph, as_seen_with(chip, own))
        except UnsupportedError:  # there may be a stage that they do
            mapping = mapper(graph, as_seen_with(chip, (*own, *others)))
        position = {node.name: i for i, node in enumerate(graph.nodes)}
        seconds, foreign, working = np.zeros((3, len(graph.nodes)))
        self.whole = np.ones(len(graph.nodes) + 1, np.bool_)  # where no layer is torn
        self.foreign = ""
        for layer in mapping.layers:
            within = [position[node.name] for node in layer.nodes if node.name in position]
            self.whole[min(within) + 1 : max(within) + 1] = False
            if layer.unit in others:
                foreign[min(within)], self.foreign = 1, self.foreign or layer.name
        busy: dict[str, np.ndarray] = {}
        for choice in mapping.choices:
            seconds[position[choice.layer.name]] += choice.seconds
            working[position[choice.layer.name]] = 1
            for place, amount in choice.bound.items():
                busy.setdefault(place, np.zeros(len(graph.nodes)))[position[choice.layer.name]] += amount
        self.sums, self.foreigners, self.workers = _running(seconds), _running(foreign), _running(working)
        self.busy = {place: _running(column) for place, column in busy.items()}
        self.host, self.call = chip.host, _call(mapping)
        self.before = self.call if mapping.in_flight == 1 else 0.0  # with more, the host starts one while another runs

    def between(self, begin: np.ndarray, end: int) -> np.ndarray:
        """Return the seconds of the nodes from each ``begin`` to before ``end``; infinite where one is for other units or none does anything."""
        mine = (self.foreigners[end] == self.foreigners[begin]) & (self.workers[end] > self.workers[begin])
        return np.where(mine, self.before + self.sums[end] - self.sums[begin], np.inf)


    def asked(self, begin: int, end: int) -> dict[str, float]:
        """Return the busy seconds that the nodes from one to before another ask of each server's place."""
        found = {place: float(column[end] - column[begin]) for place, column in self.busy.items()}
        return found | ({self.host: found.get(self.host, 0.0) + self.call} if self.host is not None else {})


def _running(column: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(column)])


def _call(mapping: NetworkMapping) -> float:
    """Return what the host takes to start a stage [s]."""
    chip = mapping.chip
    clock = chip.units[chip.host].clock if chip.host is not None else None
    return chip.start.warm_cycles / clock if clock else 0.0


def _cut_of(graph: Graph, chip: Chip, order: tuple[tuple[str, ...], ...], seconds: list[_Seconds]) -> Cut | None:
    """Return the best cut for an order of units; None where there is none."""
    points = np.array([0, *cut_points(graph, chip, [one.whole for one in seconds]), len(graph.nodes)])
    handed = np.array([handed_bytes(graph, int(point)) for point in points])
    longest, moved = np.full((len(order), points.size), np.inf), np.zeros((len(order), points.size), np.int64)
    before = np.zeros((len(order), points.size), np.int64)
    longest[0, 1:] = [seconds[0].between(points[:1], int(end))[0] for end in points[1:]]
    for k in range(1, len(order)):
        for e in range(k + 1, points.size):
            slowest = np.maximum(longest[k - 1, 1:e], seconds[k].between(points[1:e], int(points[e])))
            bytes_so_far = moved[k - 1, 1:e] + handed[1:e]
            best = int(np.lexsort((bytes_so_far, slowest))[0])
            longest[k, e], moved[k, e], before[k, e] = slowest[best], bytes_so_far[best], best + 1
    if not np.isfinite(longest[-1, -1]):
        return None
    begins, at = [], points.size - 1
    for k in range(len(order) - 1, 0, -1):
        at = int(before[k, at])
        begins.insert(0, int(points[at]))
    together: dict[str, float] = {}
    for one, begin, end in zip(seconds, (0, *begins), (*begins, len(graph.nodes)), strict=True):
        for place, amount in one.asked(begin, end).items():
            together[place] = together.get(place, 0.0) + amount
    return Cut(order, (0, *begins), max(float(longest[-1, -1]), *together.values()))


def cut_points(graph: Graph, chip: Chip, whole: Sequence[np.ndarray]) -> list[int]:
    """Return the nodes with which a stage may begin.

    No unit's layer is torn, no state is of two stages, something is handed over, and nothing of it lies elsewhere because a caller put it or takes it there.
    """
    return [k for k in range(1, len(graph.nodes)) if all(ends[k] for ends in whole) and not why_not(graph, chip, k)]


def why_not(graph: Graph, chip: Chip, begin: int) -> str:
    """Return why no stage may begin with a node; empty: it may."""
    touched = [{name for node in part for name in (*node.inputs, *node.outputs) if name is not None} for part in (graph.nodes[:begin], graph.nodes[begin:])]
    shared = [name for name in sorted(touched[0] & touched[1]) if graph.tensors[name].is_state]
    if shared:
        return f"state '{shared[0]}' would be of two stages"
    passed = handed_over(graph, begin)
    if not passed:
        return "nothing would be handed over"
    elsewhere = lambda home: home not in (None, memory_between(chip))  # noqa: E731 of inputs and of outputs
    if elsewhere(chip.placement.inputs) and any(name in passed for name in graph.inputs):
        return "a later stage would read an input of the network, which lies where its caller put it"
    if elsewhere(chip.placement.outputs) and any(name in passed for name in graph.outputs):
        return "an earlier stage would make an output of the network, which lies where its caller takes it"
    return ""


def memory_between(chip: Chip) -> str:
    """Return where stages leave what they hand over: the last of the homes of activations, which all units reach."""
    return chip.placement.activations[-1]


def handed_over(graph: Graph, begin: int) -> tuple[str, ...]:
    """Return the activations that are there before a node and needed from it on: read later, or outputs of the network."""
    made = dict.fromkeys((*graph.inputs, *(name for node in graph.nodes[:begin] for name in node.outputs)))
    wanted = {name for node in graph.nodes[begin:] for name in node.inputs} | {name for name in graph.outputs if name in made}
    return tuple(name for name in made if name in wanted and not graph.tensors[name].is_state and not graph.tensors[name].is_constant)


def handed_bytes(graph: Graph, begin: int) -> int:
    """Return the bytes of what is handed over before a node [B]."""
    return sum(graph.tensors[name].bytes for name in handed_over(graph, begin))
