"""Choose, layer by layer, in which order and pieces a unit works, by predicted time.

Bytes that lie in a memory which the unit reads itself flow straight to it. Others pass through the unit's working memory,
double-buffered; then the order decides what is fetched again: with ``filters_outer`` the weights of some filters stay
while the input streams by once per group (once in all if it fits), with ``rows_outer`` some rows of the input stay
while all weights stream by (once in all if they fit). ``weights_streamed`` is for weights of which not even one group fits:
the reduction is cut too, sums of a group stay, its weights pass once and the input passes with every group.

What is tried (``tried.py``) does not depend on speeds and is kept with the network; only the seconds (``prediction.py``) are new for every chip.
Most layers end their search at the simplest form: these are timed first, and only the other layers' further forms are worked out. What is chosen
becomes a form (``forms.py``) with its streams.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.graph.work import Work
from accelsim.hardware.chip import Chip
from accelsim.hardware.cost import Cost
from accelsim.hardware.unit import Surroundings, costs_of
from accelsim.mapping.candidates import Candidate, Pin, candidates, group_costs, groups_of, product_of
from accelsim.mapping.choice import Choice
from accelsim.mapping.forms import Form, form_of, name_of
from accelsim.mapping.homes import Homes
from accelsim.mapping.kept import Kept
from accelsim.mapping.layers import Layer
from accelsim.mapping.operands import Operands, passed_sizes
from accelsim.mapping.tried import Tried, Worked, try_forms, worked
from accelsim.mapping.prediction import Predicted, Servers, predicted
from accelsim.mapping.residency import ORDERS, Needs, Residency, looked_at, residency
from accelsim.mapping.routes import Routes
from accelsim.mapping.surroundings import cares, paces, surroundings


@dataclass(frozen=True, eq=False, slots=True)
class _Offered:
    """What may be tried of all layers; the arrays and candidates have shape (candidates,), operands one entry a layer."""

    operands: list[Operands]
    candidates: list[Candidate]
    layer: np.ndarray
    order: np.ndarray
    groups: np.ndarray
    stays: Residency


class Tiler:
    """Decides for the layers of one network on one chip."""

    def __init__(self, chip: Chip, routes: Routes, homes: Homes, pins: Mapping[str, Pin], kept: Kept):
        self.chip, self.routes, self.homes, self.pins, self.kept = chip, routes, homes, pins, kept
        # All that a form depends on besides its layer, its tensors' homes and a pin, as one object for all chips that agree in it.
        ways = tuple((name, link.sources, link.targets) for name, link in chip.links.items())
        servers = tuple((resource.name, resource.addressed) for resource in routes.resources)
        bursts = tuple(memory.burst for memory in chip.memories.values())
        self.ways = kept.get(("ways", chip.compiler, ways, servers, bursts), object)
        self.depth = 2 if chip.compiler.double_buffering else 1
        self.servers = Servers(chip, routes)
        self.cares = {name: cares(unit) for name, unit in chip.units.items()}
        self.costs: dict[tuple[str, Surroundings], Callable[[Work], Cost]] = {}
        self.offered: _Offered | None = None
        self.settings: dict[str, Hashable] = {}
        self.rooms: dict[str, float] = {}
        for name, unit in chip.units.items():
            setting = ("setting", name, *chip.descriptions[name], self.ways, paces(chip) if self.cares[name] else ())
            self.settings[name] = kept.get(setting, object)
            self.rooms[name] = _free_of(unit.memories[0], chip, homes)

    def choose(self, layers: tuple[Layer, ...], patience: float = 1.0) -> tuple[Choice, ...]:
        """Return the best choice for every layer that does something.

        Parameters
        ----------
        patience : float
            Share of the wait for a layer's first group that counts.

        Raises
        ------
        AccelsimError
            No order fits the working memory; names the layer and what is missing.
        """
        layers = self.kept.get(("working", layers), lambda: tuple(layer for layer in layers if not layer.is_view))
        if not layers:
            return ()
        pins = tuple(sorted((name, pin.order, pin.tile) for name, pin in self.pins.items()))
        key = ("tried", layers, self.homes, *self.settings.values(), *self.rooms.values(), pins)
        found = predicted(self.kept.get((*key, ()), lambda: self._try(layers, ())), self.servers, self.depth)
        unsettled = found.unsettled(patience)
        if unsettled.size:
            found = predicted(self._tried_for(key, layers, unsettled.tolist()), self.servers, self.depth)
        return self._choices(found, patience)

    def _tried_for(self, key: tuple, layers: tuple[Layer, ...], unsettled: list[int]) -> Tried:
        """Return the simplest forms of all layers and all forms of some; those of slower chips, which left more unsettled, do as well."""
        known: set[int] = self.kept.get((*key, "unsettled"), set)
        known.update(unsettled)
        numbers = tuple(sorted(known))
        return self.kept.get((*key, numbers), lambda: self._try(layers, numbers))

    def _choices(self, found: Predicted, patience: float) -> tuple[Choice, ...]:
        of = found.tried
        chosen, looked_at, taken = found.chosen(patience)
        busy, seconds = found.busy[chosen].tolist(), taken.tolist()
        choices = []
        for number, first, count, row in zip(chosen.tolist(), of.first_form.tolist(), looked_at.tolist(), busy, strict=False):
            form, name = of.made[number] or self._form(of, number), of.names[number] or name_of(of, number)
            considered = ((name, seconds[number]),)
            if count > 1:
                names = {of.names[other] or name_of(of, other): seconds[other] for other in range(first, first + count)}
                considered = tuple(sorted(names.items(), key=lambda pair: (pair[0] != name, pair[1])))
            choices.append(form.chosen({place: row[column] for place, column in form.places}, seconds[number], considered))
        return tuple(choices)

    def _form(self, tried: Tried, number: int) -> Form:
        """Return a form with its streams."""
        operands, stays, homes = tried.operands[number], tried.stays, self.homes
        layer = operands.layer
        addresses = tuple([homes.address(t) for t in (*layer.inputs, *layer.constants, *layer.outputs)])
        kept_there = bool(stays.constants_kept[number]), bool(stays.inputs_kept[number])
        key = ("form", operands, self.settings[layer.unit], addresses, homes.cascade_of(layer.index), tried.candidates[number], *kept_there)
        tried.made[number] = self.kept.get(key, lambda: form_of(tried, number, addresses, self.servers.places))
        return tried.made[number]

    def _offer(self, layers: tuple[Layer, ...]) -> "_Offered":
        """Return all that may be tried of the layers, and what of it would stay in the working memory."""
        if self.offered is None:
            operands = [self._operands(layer) for layer in layers]
            found = [self._candidates(each) for each in operands]
            layer = np.repeat(np.arange(len(layers)), [len(each) for each, _ in found])
            order, groups, stage = np.concatenate([table for _, table in found]).T
            needed, all_staged, inputs, outputs, sums = np.array([each.moved for each in operands]).T[:, layer]
            rooms = np.array([self._room(each) for each in layers])[layer]
            needs = Needs(order, groups, np.where(stage, all_staged, needed), inputs, outputs, sums, rooms)
            stays = residency(needs, self.depth, self.chip.compiler.transfer_chunk)
            self.offered = _Offered(operands, [candidate for each, _ in found for candidate in each], layer, order, groups, stays)
        return self.offered

    def _try(self, layers: tuple[Layer, ...], unsettled: tuple[int, ...]) -> Tried:
        """Return all forms of the layers of these numbers, and the simplest of the others."""
        offered = self._offer(layers)
        every = np.zeros(len(layers), np.bool_)
        every[list(unsettled)] = True
        kept = np.flatnonzero(looked_at(offered.stays.fits, offered.order, offered.layer, every))
        layer = offered.layer[kept]
        first = np.searchsorted(layer, np.arange(len(layers) + 1))
        for number in np.flatnonzero(first[1:] == first[:-1]).tolist():
            self._refuse(layers[number])
        own, of = [offered.candidates[number] for number in kept.tolist()], [offered.operands[number] for number in layer.tolist()]
        columns = np.array([self.servers.columns[self.routes.index[each.unit]] for each in layers])[layer]
        known = [self._known(each) for each in offered.operands]
        works = [known[number].get(candidate) or self._worked(each, candidate, known[number]) for number, candidate, each in zip(layer.tolist(), own, of, strict=True)]
        return try_forms(of, own, works, first, columns, offered.order[kept], offered.groups[kept], offered.stays.of(kept), self.chip.compiler)

    def _operands(self, layer: Layer) -> Operands:
        homes, unit = self.homes, self.chip.units[layer.unit]
        where = tuple([(homes.memory[t.name], t.name in homes.callers) for t in (*layer.inputs, *layer.constants, *layer.outputs)])
        key = ("operands", layer, self.ways, unit.memories, where, *passed_sizes(layer, unit).values())
        return self.kept.get(key, lambda: Operands(layer, self.chip, self.routes, homes, self.servers.columns))

    def _candidates(self, operands: Operands) -> tuple[tuple[Candidate, ...], np.ndarray]:
        """Return what is tried for a layer, and a table of it, shape (candidates, 3), int64: order, groups, whether constants are staged."""
        layer, pin, work = operands.layer, self.pins.get(operands.layer.name), product_of(operands.layer)
        cascade = self.homes.cascade_of(layer.index) if self.homes.cascades else None
        granules = self.chip.units[layer.unit].split_granules(work) if work is not None else (1, 1)
        stripes = tuple(count for count in cascade.rows_of(layer.index) if count) if cascade is not None else ()
        key = granules, pin, stripes, self.cares[layer.unit]
        if key not in operands.offered:
            found = tuple(candidates(operands, self.chip.compiler, *key))
            operands.offered[key] = found, np.array([(ORDERS.index(one.order), groups_of(layer, one), one.stage_constants) for one in found], np.int64)
        return operands.offered[key]

    def _room(self, layer: Layer) -> float:
        """Return the working memory that is free for a layer; the layers of a cascade share it [B]."""
        cascade = self.homes.cascade_of(layer.index)
        return self.rooms[layer.unit] / (cascade.last - cascade.first + 1 if cascade is not None else 1)

    def _known(self, operands: Operands) -> dict[Candidate, Worked]:
        """Return what has been worked out of a layer's candidates on its unit."""
        return self.kept.get(("worked", operands, self.settings[operands.layer.unit]), dict)

    def _worked(self, operands: Operands, candidate: Candidate, known: dict[Candidate, Worked]) -> Worked:
        in_place = [(Cost(cycles=0, note="written side by side by the producers"), 1)]
        runs = in_place if operands.in_place else group_costs(self._cost(operands.layer, candidate.stage_constants), operands.layer, candidate)
        known[candidate] = worked(operands, runs)
        return known[candidate]

    def _cost(self, layer: Layer, staged: bool) -> Callable[[Work], Cost]:
        """Return what work costs on the layer's unit, given from where its operands come."""
        key = layer.unit, surroundings(layer, staged, self.chip, self.homes) if self.cares[layer.unit] else Surroundings()
        if key not in self.costs:
            self.costs[key] = costs_of(self.chip.units[layer.unit].within(key[1]))
        return self.costs[key]

    def _refuse(self, layer: Layer) -> None:
        working = self.chip.units[layer.unit].memories[0]
        raise AccelsimError(
            f"layer '{layer.name}' on {self.chip.name}",
            f"not even its smallest pieces fit what is free of '{working}' ({show(max(0, self.rooms[layer.unit]), 'B')})",
            "a larger working memory, or homes that the unit reads itself",
        )


def _free_of(memory: str, chip: Chip, homes: Homes) -> float:
    """Return what constants and activations leave of a memory [B]."""
    capacity = chip.memories[memory].capacity
    return float("inf") if capacity is None else capacity - homes.used(memory)
