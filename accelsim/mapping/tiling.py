"""Choose, layer by layer, in which order and pieces a unit works, by predicted time.

Bytes that lie in a memory which the unit reads itself flow straight to it. Others pass through the unit's working memory,
double-buffered; then the order decides what is fetched again: with ``filters_outer`` the weights of some filters stay
while the input streams by once per group (once in all if it fits), with ``rows_outer`` some rows of the input stay
while all weights stream by (once in all if they fit). ``weights_streamed`` is for weights of which not even one group fits:
the reduction is cut too, sums of a group stay, its weights pass once and the input passes with every group. Predicted time is that of the busiest server plus one piece of
every other (fill and drain).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Contraction, Work
from accelsim.hardware.chip import Chip
from accelsim.hardware.cost import Cost
from accelsim.hardware.partition import filters_of, part_of
from accelsim.hardware.unit import Unit, costs_of
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.homes import Homes, stored_bytes
from accelsim.mapping.layers import Layer
from accelsim.mapping.routes import Hop, Routes

FEWEST_PIECE_CYCLES = 64
GOOD_ENOUGH = 1.02
SUM_BYTES = 4
FILTER_ORDERS = ("filters_outer", "weights_streamed")


@dataclass(frozen=True, slots=True)
class Pin:
    """A decision that the user took; ``tile`` is filters or rows per group."""

    order: str
    tile: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    order: str
    tile: int
    stage_constants: bool


class Tiler:
    """Decides for the layers of one network on one chip."""

    def __init__(self, chip: Chip, routes: Routes, homes: Homes, pins: Mapping[str, Pin]):
        self.chip, self.routes, self.homes, self.pins = chip, routes, homes, pins
        self.depth = 2 if chip.compiler.double_buffering else 1
        self.costs = {name: costs_of(unit) for name, unit in chip.units.items()}

    def choose(self, layer: Layer) -> Choice:
        """Return the best choice for a layer.

        Raises
        ------
        AccelsimError
            No order fits the working memory; names the layer and what is missing.
        """
        tried: list[Choice] = []
        for candidate in self._candidates(layer):
            if tried and candidate.order == "weights_streamed":
                break  # only for layers of which nothing else fits
            choice = self._evaluate(layer, candidate)
            if choice is not None:
                tried.append(choice)
                if choice.groups == 1 and choice.seconds <= GOOD_ENOUGH * choice.bound[layer.unit]:
                    break  # the unit itself bounds the layer: no other order makes it compute faster
        if not tried:
            working = self.chip.units[layer.unit].memories[0]
            raise AccelsimError(
                f"layer '{layer.name}' on {self.chip.name}",
                f"not even its smallest pieces fit what is free of '{working}' ({show(max(0, self._room(working)), 'B')})",
                "a larger working memory, or homes that the unit reads itself",
            )
        best = min(tried, key=lambda choice: choice.seconds)
        ranked = sorted({_name(c): c.seconds for c in tried}.items(), key=lambda pair: (pair[0] != _name(best), pair[1]))
        return replace(best, considered=tuple(ranked))

    def _candidates(self, layer: Layer) -> Iterator[_Candidate]:
        unit = self.chip.units[layer.unit]
        direct = all(self.homes.memory[t.name] in unit.memories for t in layer.constants)
        may_stage = any(self.homes.memory[t.name] != unit.memories[0] for t in layer.constants) and self._can_stage(layer)
        staging = ([False] if direct else []) + ([True] if may_stage else []) or [False]
        work = layer.works[0] if len(layer.works) == 1 and isinstance(layer.works[0], Contraction) else None
        pin = self.pins.get(layer.name)
        for stage in staging:
            if pin is not None:
                yield _Candidate(pin.order, pin.tile, stage)
            elif work is None or self.chip.compiler.uncut_products or not (stage or self._far(layer, unit)):
                yield _Candidate("whole", 0, stage)
            else:
                # Rows outside pay only where rows of a far input can stay.
                orders = ("filters_outer", "rows_outer", "weights_streamed") if self._far(layer, unit) else FILTER_ORDERS
                yield from _tilings(unit, work, stage, orders)

    def _can_stage(self, layer: Layer) -> bool:
        working = self.chip.units[layer.unit].memories[0]
        homes = {self.homes.memory[t.name] for t in layer.constants} - {working}
        return all(any(home in link.sources and working in link.targets for link in self.chip.links.values()) for home in homes)

    def _far(self, layer: Layer, unit: Unit) -> bool:
        return any(self.homes.memory[t.name] not in unit.memories for t in (*layer.inputs, *layer.outputs))

    def _room(self, memory: str) -> float:
        capacity = self.chip.memories[memory].capacity
        return float("inf") if capacity is None else capacity - self.homes.used(memory)

    def _evaluate(self, layer: Layer, candidate: _Candidate) -> Choice | None:
        unit = self.chip.units[layer.unit]
        costs = _group_costs(self.costs[layer.unit], layer, candidate)
        total = _sum(costs)
        groups = len(costs)
        plan = _Residency(self, layer, candidate, groups, unit)
        if not plan.fits:
            return None
        streams = (*plan.constants(total), *plan.inputs(total), *plan.outputs(total))
        busy = _busy(self.routes, streams)
        name = layer.unit
        compute = self.routes.seconds(self.routes.index[name], total.cycles)
        moved = sum(stream.payload for stream in streams)
        pieces = max(1, min(self.chip.compiler.most_pieces, round(moved / self.chip.compiler.transfer_chunk), total.cycles // FEWEST_PIECE_CYCLES) // groups)
        bound = {name: compute, **busy}
        slowest = max(bound.values())
        seconds = slowest + (sum(bound.values()) - slowest) / (pieces * groups)
        return Choice(layer, candidate.order, groups, pieces, tuple(c.cycles for c in costs), total, streams, bound, seconds, (), int(plan.needed), max(1, candidate.tile))


class _Residency:
    """What stays in the working memory under one candidate, and the streams that follow from it."""

    def __init__(self, tiler: Tiler, layer: Layer, candidate: _Candidate, groups: int, unit: Unit):
        self.routes, self.layer, self.groups = tiler.routes, layer, groups
        self.homes, self.unit, self.working, self.places = tiler.homes.memory, unit, unit.memories[0], tiler.homes
        self.order, depth = candidate.order, tiler.depth
        self.stored = sum(stored_bytes(t) for t in layer.constants)
        self.plain = max(1, sum(t.bytes for t in layer.constants))
        self.staged_constants = [t for t in layer.constants if self.homes[t.name] != self.working and (candidate.stage_constants or self.homes[t.name] not in unit.memories)]
        self.far_inputs = [t for t in layer.inputs if self.homes[t.name] not in unit.memories]
        self.far_outputs = [t for t in layer.outputs if self.homes[t.name] not in unit.memories]
        room = tiler._room(self.working)
        chunk = tiler.chip.compiler.transfer_chunk
        constant_bytes = sum(stored_bytes(t) for t in self.staged_constants)
        input_bytes, output_bytes = sum(t.bytes for t in self.far_inputs), sum(t.bytes for t in self.far_outputs)
        sums = groups and SUM_BYTES * -(-sum(t.elements for t in layer.outputs) // groups) if candidate.order == "weights_streamed" else 0
        constants = self._buffer(constant_bytes, groups if candidate.order == "filters_outer" else 1, depth, chunk, candidate.order == "filters_outer")
        inputs = self._buffer(input_bytes, groups if candidate.order == "rows_outer" else 1, depth, chunk, candidate.order == "rows_outer")
        outputs = min(output_bytes, depth * chunk)
        self.needed = constants + inputs + outputs + sums
        self.fits = self.needed <= room
        # What is left may hold the whole of the operand that would stream by again with every group.
        spare = room - self.needed
        self.constants_kept = self.order == "rows_outer" and constant_bytes - constants <= spare
        self.inputs_kept = self.order in FILTER_ORDERS and input_bytes - inputs <= spare

    @staticmethod
    def _buffer(size: int, groups: int, depth: int, chunk: float, stays: bool) -> float:
        if not stays:
            return min(size, depth * chunk)
        return min(size, -(-size // groups) * (depth if groups > 1 else 1))

    def constants(self, total: Cost) -> Iterator[Stream]:
        port = total.weight_bytes * self.stored // self.plain
        staged = {t.name for t in self.staged_constants}
        for tensor in self.layer.constants:
            size, home = stored_bytes(tensor), self.homes[tensor.name]
            share = port * size // max(1, self.stored)
            if tensor.name not in staged:
                yield self._at(tensor, Stream("constant", max(size, share), (self.routes.access(home, False),)))
                continue
            repeats = self.groups if self.order == "rows_outer" and not self.constants_kept else 1
            yield self._at(tensor, Stream("constant", size * repeats, self._way(home), grouped=self.order == "filters_outer", first_group_only=self.constants_kept))
            yield Stream("constant", max(size, share), (self.routes.access(self.working, False),), tensor=tensor.name)

    def inputs(self, total: Cost) -> Iterator[Stream]:
        size_of_all = max(1, sum(t.bytes for t in self.layer.inputs))
        for tensor in self.layer.inputs:
            home = self.homes[tensor.name]
            share = total.activation_bytes * tensor.bytes // size_of_all
            if tensor not in self.far_inputs:
                yield self._at(tensor, Stream("input", share, (self.routes.access(home, False),)))
                continue
            repeats = self.groups if self.order in FILTER_ORDERS and not self.inputs_kept else 1
            yield self._at(tensor, Stream("input", tensor.bytes * repeats, self._way(home), grouped=self.order == "rows_outer", first_group_only=self.inputs_kept))
            yield Stream("input", max(tensor.bytes, share), (self.routes.access(self.working, False),), tensor=tensor.name)

    def outputs(self, total: Cost) -> Iterator[Stream]:
        size_of_all = max(1, sum(t.bytes for t in self.layer.outputs))
        for tensor in self.layer.outputs:
            home = self.homes[tensor.name]
            share = total.output_bytes * tensor.bytes // size_of_all
            if tensor not in self.far_outputs:
                yield self._at(tensor, Stream("output", share, (self.routes.access(home, True),)))
            else:
                there = self.routes.way(self.working, home, f"output '{tensor.name}' of layer '{self.layer.name}'")
                yield self._at(tensor, Stream("output", tensor.bytes, (self.routes.access(self.working, True), *there)))
                if share > tensor.bytes:  # sums that come back stay in the working memory
                    yield Stream("output", share - tensor.bytes, (self.routes.access(self.working, True),))

    def _at(self, tensor: Tensor, stream: Stream) -> Stream:
        return Stream(stream.role, stream.payload, stream.hops, stream.grouped, stream.first_group_only, address=self.places.address(tensor), extent=stored_bytes(tensor), tensor=tensor.name)

    def _way(self, home: str) -> tuple[Hop, ...]:
        return self.routes.way(home, self.working, f"operand of layer '{self.layer.name}'")


def _tilings(unit: Unit, work: Contraction, stage: bool, orders: tuple[str, ...]) -> Iterator[_Candidate]:
    """Yield the orders with tiles halved from the whole down to the unit's granule."""
    rows_step, filters_step = unit.split_granules(work)
    for order in orders:
        size, step = (filters_of(work), filters_step) if order in FILTER_ORDERS else (work.out_h, rows_step)
        tile, seen = size, set()
        while True:
            tile = min(size, -(-tile // step) * step)
            if tile in seen:
                break
            seen.add(tile)
            yield _Candidate(order, tile, stage)
            tile //= 2
            if tile < 1:
                break


def _group_costs(cost: Callable[[Work], Cost], layer: Layer, candidate: _Candidate) -> list[Cost]:
    if candidate.order == "whole":
        return [_sum([cost(work) for work in layer.works])]
    work = layer.works[0]
    size = filters_of(work) if candidate.order in FILTER_ORDERS else work.out_h
    whole, rest = divmod(size, candidate.tile)
    key = "filters" if candidate.order in FILTER_ORDERS else "rows"
    costs = [cost(part_of(work, **{key: candidate.tile}))] * whole
    return costs + ([cost(part_of(work, **{key: rest}))] if rest else [])


def _sum(costs: list[Cost]) -> Cost:
    if len(costs) == 1:
        return costs[0]
    actions: dict[str, int] = {}
    for cost in costs:
        for name, count in cost.actions:
            actions[name] = actions.get(name, 0) + count
    return Cost(
        sum(c.cycles for c in costs),
        sum(c.activation_bytes for c in costs),
        sum(c.weight_bytes for c in costs),
        sum(c.output_bytes for c in costs),
        tuple(actions.items()),
        sum(c.issued_macs for c in costs),
        costs[0].note,
    )


def _busy(routes: Routes, streams: tuple[Stream, ...]) -> dict[str, float]:
    busy: dict[str, float] = {}
    for stream in streams:
        for hop in stream.hops:
            if hop.resource is not None:
                busy[hop.place] = busy.get(hop.place, 0.0) + routes.seconds(hop.resource, stream.payload)
    return busy


def _name(choice: Choice) -> str:
    tile = f" in {choice.groups} groups" if choice.groups > 1 else ""
    staged = ", constants staged" if any(s.role == "constant" and len(s.hops) > 1 for s in choice.streams) else ""
    return f"{choice.order}{tile}{staged}"
