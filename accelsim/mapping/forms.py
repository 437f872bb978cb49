"""Candidates worked out: pieces, costs and streams of a layer, free of speeds.

A form depends on the layer, on how its unit is described, where its tensors lie, which ways there are between memories, the tool chain and the room that
is free of the working memory; not on bandwidths, latencies or energies. What time it takes is asked afterwards, chip by chip.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace

from accelsim.graph.tensor import Tensor
from accelsim.graph.work import Move, Work
from accelsim.hardware.chip import Chip
from accelsim.hardware.cost import Cost
from accelsim.mapping.candidates import CASCADE, FILTER_ORDERS, Candidate, Pin, candidates, group_costs, groups_of, total_cost
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.homes import Homes, stored_bytes
from accelsim.mapping.layers import Layer
from accelsim.mapping.routes import Hop, Routes

FEWEST_PIECE_CYCLES = 64
SUM_BYTES = 4
Keep = Callable[[Hashable, Callable[[], "Form"]], "Form"]
ROW_ORDERS = ("rows_outer", CASCADE)


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """One way to do a layer.

    Attributes
    ----------
    busy : tuple of (str, int, int)
        Place, server and amount [cycles or bytes], the unit itself first; a place may have a server each way.
    known : dict
        What is worked out of this form and kept with it, see ``Choice.known``.
    """

    layer: Layer
    order: str
    groups: int
    pieces: int
    group_cycles: tuple[int, ...]
    cost: Cost
    streams: tuple[Stream, ...]
    staging_bytes: int
    tile: int
    name: str
    busy: tuple[tuple[str, int, int], ...]
    known: dict = field(default_factory=dict, repr=False)

    def chosen(self, bound: dict[str, float], seconds: float, considered: tuple[tuple[str, float], ...]) -> Choice:
        """Return the decision for this form at a chip's speeds."""
        choice = Choice(
            self.layer, self.order, self.groups, self.pieces, self.group_cycles, self.cost, self.streams, bound, seconds, considered, self.staging_bytes, self.tile
        )  # fmt: skip
        object.__setattr__(choice, "known", self.known)
        return choice


def forms_of(layer: Layer, chip: Chip, routes: Routes, homes: Homes, cost: Callable[[bool], Callable[[Work], Cost]], pin: Pin | None, keep: Keep) -> Iterator[Form]:
    """Yield the candidates of a layer that fit the working memory, the simplest first.

    Parameters
    ----------
    cost : callable
        Cost of work on the layer's unit, given whether constants are staged.
    keep : callable
        Called with (key, make): returns what was made for this key in another room, or makes it.
    """
    if layer.is_join and chip.compiler.joins_in_place:
        yield _nothing_moves(layer, routes)
        return
    operands = _Operands(layer, chip, routes, homes)
    found = False
    for candidate in candidates(layer, chip, homes, pin):
        if found and candidate.order == "weights_streamed":
            break  # only for layers of which nothing else fits
        plan = _Residency(operands, candidate, groups_of(layer, candidate))
        if plan.fits:
            make = lambda plan=plan, candidate=candidate: _form(operands, plan, candidate, group_costs(cost(candidate.stage_constants), layer, candidate))  # noqa: E731
            found = True
            yield keep((candidate, plan.constants_kept, plan.inputs_kept), make)


def fetched_bytes(tensor: Tensor, layer: Layer) -> int:
    """Return the bytes of a constant that a layer reads once: all, or of a table what its gathers pick [B]."""
    readers = [work for work in layer.works if tensor.name in work.weights]
    if not readers or not all(isinstance(work, Move) and work.pattern == "gather" and work.element_type == tensor.dtype for work in readers):
        return stored_bytes(tensor)
    return min(stored_bytes(tensor), sum(work.elements for work in readers) * tensor.bits // 8)


def free_of(memory: str, chip: Chip, homes: Homes) -> float:
    """Return what constants and activations leave of a memory [B]."""
    capacity = chip.memories[memory].capacity
    return float("inf") if capacity is None else capacity - homes.used(memory)


def _nothing_moves(layer: Layer, routes: Routes) -> Form:
    cost = Cost(cycles=0, note="written side by side by the producers")
    return Form(layer, "whole", 1, 1, (0,), cost, (), 0, 1, "whole", ((layer.unit, routes.index[layer.unit], 0),))


def _with_sums(cost: Cost, layer: Layer) -> Cost:
    """Return the cost with the sums that are done in passing as actions: they take no time of their own."""
    sums = len(layer.passing) * layer.outputs[0].elements if layer.passing else 0
    return replace(cost, actions=(*cost.actions, ("add_int32", sums))) if sums else cost


def _form(operands: "_Operands", plan: "_Residency", candidate: Candidate, costs: list[Cost]) -> Form:
    layer, compiler, groups = operands.layer, operands.chip.compiler, len(costs)
    total = _with_sums(total_cost(costs), layer)
    streams = (*plan.constants(total), *plan.inputs(total), *plan.outputs(total))
    moved = sum([stream.payload for stream in streams])
    pieces = max(1, min(compiler.most_pieces, round(moved / compiler.transfer_chunk), total.cycles // FEWEST_PIECE_CYCLES) // groups)
    busy = {(layer.unit, operands.routes.index[layer.unit]): total.cycles}
    for stream in streams:
        for hop, amount in stream.loads:
            if hop.resource is not None:
                busy[hop.place, hop.resource] = busy.get((hop.place, hop.resource), 0) + amount
    return Form(
        layer, candidate.order, groups, pieces, tuple(c.cycles for c in costs), total, streams, int(plan.needed), max(1, candidate.tile),
        _name(candidate.order, groups, streams), tuple((place, server, amount) for (place, server), amount in busy.items()),
    )  # fmt: skip


def _name(order: str, groups: int, streams: tuple[Stream, ...]) -> str:
    tile = f" in {groups} groups" if groups > 1 else ""
    staged = ", constants staged" if any(s.role == "constant" and len(s.hops) > 1 for s in streams) else ""
    return f"{order}{tile}{staged}"


class _Operands:
    """A layer's tensors, where they lie and how they get to its unit; the same for all its candidates."""

    def __init__(self, layer: Layer, chip: Chip, routes: Routes, homes: Homes):
        self.layer, self.chip, self.routes, self.places, self.homes = layer, chip, routes, homes, homes.memory
        unit = chip.units[layer.unit]
        self.direct, self.working = unit.memories, unit.memories[0]
        cascade = homes.cascade_of(layer.index)
        self.room = free_of(self.working, chip, homes) / (cascade.last - cascade.first + 1 if cascade is not None else 1)  # the layers of a cascade share it
        self.sizes = {t.name: fetched_bytes(t, layer) for t in layer.constants}
        self.stored = sum(self.sizes.values())
        self.plain = max(1, sum(t.bytes for t in layer.constants))
        self.far_inputs = {t.name for t in layer.inputs if self.homes[t.name] not in unit.memories}
        self.far_outputs = {t.name for t in layer.outputs if self.homes[t.name] not in unit.memories}
        self.passing, self.unit = layer.passing, unit
        self.all_inputs, self.all_outputs = sum(t.bytes for t in layer.inputs if t.name not in self.passing), sum(t.bytes for t in layer.outputs)
        self.input_bytes = sum(t.bytes for t in layer.inputs if t.name in self.far_inputs)
        self.output_bytes = sum(t.bytes for t in layer.outputs if t.name in self.far_outputs)
        self.sums = sum(t.elements for t in layer.outputs)
        self.lie = {t.name: (homes.address(t), stored_bytes(t)) for t in (*layer.inputs, *layer.constants, *layer.outputs)}

    def staged(self, candidate: Candidate) -> set[str]:
        """Return the constants that pass through the working memory."""
        names = (t.name for t in self.layer.constants)
        return {name for name in names if self.homes[name] != self.working and (candidate.stage_constants or self.homes[name] not in self.direct)}

    def way_in(self, home: str) -> tuple[Hop, ...]:
        """Return the hops from a home to the working memory."""
        return self.routes.way(home, self.working, f"operand of layer '{self.layer.name}'")

    def way_out(self, tensor: Tensor) -> tuple[Hop, ...]:
        """Return the hops of an output from the unit to its home."""
        there = self.routes.way(self.working, self.homes[tensor.name], f"output '{tensor.name}' of layer '{self.layer.name}'")
        return self.routes.access(self.working, True), *there

    def at_home(self, role: str, tensor: Tensor, payload: int, hops: tuple[Hop, ...], grouped: bool = False, first_group_only: bool = False) -> Stream:
        """Return a stream from or to where a tensor lies."""
        return Stream(role, payload, hops, grouped, first_group_only, *self.lie[tensor.name], tensor.name)

    def in_runs(self, tensor: Tensor, stream: Stream, run: int) -> Stream:
        """Return a stream as its memory serves it: runs shorter than a burst take a whole one."""
        burst = self.chip.memories[self.homes[tensor.name]].burst
        if not 0 < run < burst or tensor.name not in self.places.callers:
            return stream
        return replace(stream, amounts_at=(-(-stream.payload * burst // run),))


class _Residency:
    """What stays in the working memory under one candidate, and the streams that follow from it."""

    def __init__(self, operands: _Operands, candidate: Candidate, groups: int):
        self.of, self.groups, self.order = operands, groups, candidate.order
        compiler = operands.chip.compiler
        depth, chunk = 2 if compiler.double_buffering else 1, compiler.transfer_chunk
        self.staged = operands.staged(candidate)
        staged_bytes = sum(operands.sizes[name] for name in self.staged)
        sums = SUM_BYTES * -(-operands.sums // groups) if candidate.order == "weights_streamed" else 0
        constants = _buffer(staged_bytes, groups, depth, chunk, candidate.order == "filters_outer")
        inputs = _buffer(operands.input_bytes, groups, depth, chunk, candidate.order in ROW_ORDERS)
        self.needed = constants + inputs + min(operands.output_bytes, depth * chunk) + sums
        self.fits = self.needed <= operands.room
        # What is left may hold the whole of the operand that would stream by again with every group.
        spare = operands.room - self.needed
        self.constants_kept = self.order in ROW_ORDERS and staged_bytes - constants <= spare
        if self.constants_kept and self.order == CASCADE:
            self.needed += staged_bytes - constants  # beside those of the other layers
        self.inputs_kept = self.order in FILTER_ORDERS and operands.input_bytes - inputs <= spare

    def constants(self, total: Cost) -> Iterator[Stream]:
        of = self.of
        port = total.weight_bytes * of.stored // of.plain
        for tensor in of.layer.constants:
            size, home = of.sizes[tensor.name], of.homes[tensor.name]
            share = port * size // max(1, of.stored)
            if tensor.name not in self.staged:
                yield of.at_home("constant", tensor, max(size, share), (of.routes.access(home, False),))
                continue
            repeats = self.groups if self.order in ROW_ORDERS and not self.constants_kept else 1
            yield of.at_home("constant", tensor, -int(-size * repeats * total.constant_fetches // 1), of.way_in(home), self.order == "filters_outer", self.constants_kept)
            yield Stream("constant", max(size, share), (of.routes.access(of.working, False),), tensor=tensor.name)

    def inputs(self, total: Cost) -> Iterator[Stream]:
        of = self.of
        for tensor in of.layer.inputs:
            home = of.homes[tensor.name]
            share = of.unit.through_memory(tensor.bytes) if tensor.name in of.passing else total.activation_bytes * tensor.bytes // max(1, of.all_inputs)
            if tensor.name not in of.far_inputs:
                yield of.in_runs(tensor, of.at_home("input", tensor, share, (of.routes.access(home, False),)), total.run_bytes)
                continue
            repeats = self.groups if self.order in FILTER_ORDERS and not self.inputs_kept else 1
            yield of.at_home("input", tensor, -int(-tensor.bytes * repeats * total.input_fetches // 1), of.way_in(home), self.order in ROW_ORDERS, self.inputs_kept)
            yield Stream("input", max(tensor.bytes, share), (of.routes.access(of.working, False),), tensor=tensor.name)

    def outputs(self, total: Cost) -> Iterator[Stream]:
        of = self.of
        for tensor in of.layer.outputs:
            share = total.output_bytes * tensor.bytes // max(1, of.all_outputs)
            if tensor.name not in of.far_outputs:
                yield of.at_home("output", tensor, share, (of.routes.access(of.homes[tensor.name], True),))
                continue
            yield of.at_home("output", tensor, tensor.bytes, of.way_out(tensor))
            if share > tensor.bytes:  # sums that come back stay in the working memory
                yield Stream("output", share - tensor.bytes, (of.routes.access(of.working, True),))


def _buffer(size: int, groups: int, depth: int, chunk: float, stays: bool) -> float:
    """Return the working memory that an operand takes: a group of it where it stays for the group, else the pieces under way [B]."""
    if not stays:
        return min(size, depth * chunk)
    return min(size, -(-size // groups) * (depth if groups > 1 else 1))
