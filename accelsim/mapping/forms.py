"""A way to do one layer, worked out: group cycles, cost and streams, free of speeds.

A form depends on the layer, on how its unit is described, where its tensors lie, which ways there are between memories, the tool chain and the room that
is free of the working memory; not on bandwidths, latencies or energies. Only forms that are chosen are made; what is looked at are ``tried.py``.
"""

from dataclasses import dataclass, field, replace

from accelsim.hardware.cost import Cost
from accelsim.mapping.candidates import Runs, total_cost
from accelsim.mapping.choice import Choice, Stream
from accelsim.mapping.homes import stored_bytes
from accelsim.mapping.layers import Layer
from accelsim.mapping.operands import Lane, Operands
from accelsim.mapping.tried import Tried


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """One way to do a layer.

    Attributes
    ----------
    places : tuple of (str, int)
        What it keeps busy, the unit itself first, and their numbers among the chip's places.
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
    places: tuple[tuple[str, int], ...]
    known: dict = field(default_factory=dict, repr=False)

    def chosen(self, bound: dict[str, float], seconds: float, considered: tuple[tuple[str, float], ...]) -> Choice:
        """Return the decision for this form at a chip's speeds."""
        choice = Choice(
            self.layer, self.order, self.groups, self.pieces, self.group_cycles, self.cost, self.streams, bound, seconds, considered, self.staging_bytes, self.tile
        )  # fmt: skip
        object.__setattr__(choice, "known", self.known)
        return choice


def form_of(tried: Tried, number: int, addresses: tuple[int, ...], places: tuple[str, ...]) -> Form:
    """Return a form worked out, on a chip with these places; ``addresses`` are those of the layer's inputs, constants and outputs [B]."""
    operands, candidate, runs = tried.operands[number], tried.candidates[number], tried.works[number].runs
    layer = operands.layer
    lie = {t.name: (address, stored_bytes(t)) for t, address in zip((*layer.inputs, *layer.constants, *layer.outputs), addresses, strict=True)}
    mine = slice(tried.first_stream[number], tried.first_stream[number + 1])
    moved, payload, first_only, ahead = (each[mine].tolist() for each in (tried.streams[0], tried.payload, tried.first_only, tried.streams[3]))
    streams = tuple([_stream(*one, lie) for one in zip(tried.lanes[mine], payload, moved, ahead, first_only, strict=True)])
    busy = dict.fromkeys((layer.unit, *[hop.place for stream in streams for hop in stream.hops if hop.resource is not None]))
    return Form(
        layer, candidate.order, int(tried.forms[2, number]), int(tried.forms[3, number]), tuple([cost.cycles for cost, times in runs for _ in range(times)]),
        _cost(operands, runs), streams, int(tried.stays.taken[number]), max(1, candidate.tile), tuple([(place, places.index(place)) for place in busy]),
    )  # fmt: skip


def name_of(tried: Tried, number: int) -> str:
    """Return what a form is called among those that were considered."""
    operands, candidate, groups = tried.operands[number], tried.candidates[number], int(tried.forms[2, number])
    tile = f" in {groups} groups" if groups > 1 else ""
    staged = ", constants staged" if not operands.in_place and operands.staged(candidate.stage_constants) else ""
    tried.names[number] = f"{candidate.order}{tile}{staged}"
    return tried.names[number]


def _stream(lane: Lane, payload: int, moved: int, grouped: int, first_only: bool, lie: dict[str, tuple[int, int]]) -> Stream:
    address, extent = lie[lane.tensor] if lane.at_home else (0, 1)
    return Stream(lane.role, payload, lane.hops, bool(grouped), first_only, address, extent, lane.tensor, (moved,) if moved != payload else ())


def _cost(operands: Operands, runs: Runs) -> Cost:
    """Return the cost with the sums that are done in passing as actions: they take no time of their own."""
    cost, layer = total_cost(runs), operands.layer
    sums = len(layer.passing) * layer.outputs[0].elements if layer.passing and not operands.in_place else 0
    return replace(cost, actions=(*cost.actions, ("add_int32", sums))) if sums else cost
