"""Choose, layer by layer, in which order and pieces a unit works, by predicted time.

Bytes that lie in a memory which the unit reads itself flow straight to it. Others pass through the unit's working memory,
double-buffered; then the order decides what is fetched again: with ``filters_outer`` the weights of some filters stay
while the input streams by once per group (once in all if it fits), with ``rows_outer`` some rows of the input stay
while all weights stream by (once in all if they fit). ``weights_streamed`` is for weights of which not even one group fits:
the reduction is cut too, sums of a group stay, its weights pass once and the input passes with every group.

What is tried (``forms.py``) does not depend on speeds and is kept with the network; only the seconds (``prediction.py``) are new for every chip.
Most layers end their search at the simplest form: these are timed first, and only the other layers' further forms are worked out.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.graph.work import Work
from accelsim.hardware.chip import Chip
from accelsim.hardware.cost import Cost
from accelsim.hardware.unit import Surroundings, costs_of
from accelsim.kernels.service import QUANTUM
from accelsim.mapping.candidates import Pin
from accelsim.mapping.choice import Choice
from accelsim.mapping.forms import Form, forms_of, free_of
from accelsim.mapping.homes import Homes
from accelsim.mapping.kept import Kept
from accelsim.mapping.layers import Layer
from accelsim.mapping.prediction import Waits, waits_of
from accelsim.mapping.routes import Routes
from accelsim.mapping.surroundings import cares, paces, surroundings

GOOD_ENOUGH = 1.02


@dataclass(frozen=True, eq=False)
class _Tried:
    """Forms of all layers as arrays.

    Attributes
    ----------
    forms : list of tuple of Form
        Of each layer; only the first where the search is sure to end there.
    places : dict of str to int
        Places by name.
    servers : list of int
        The server of each column of ``amounts``, shape (forms, columns), float64 [cycles or bytes].
    place : ndarray, shape (places,), int64
        The first of each place's columns: it may have a server each way; ``place_of`` is the place of each column.
    own : ndarray, shape (forms,), int64
        The place that is the form's unit.
    parts : ndarray, shape (forms,), int64
        Pieces of all groups; ``ungrouped`` where there is one group.
    """

    forms: list[tuple[Form, ...]]
    places: dict[str, int]
    servers: list[int]
    amounts: np.ndarray
    place: np.ndarray
    place_of: list[int]
    own: np.ndarray
    parts: np.ndarray
    ungrouped: np.ndarray
    waits: Waits


class Tiler:
    """Decides for the layers of one network on one chip."""

    def __init__(self, chip: Chip, routes: Routes, homes: Homes, pins: Mapping[str, Pin], kept: Kept):
        self.chip, self.routes, self.homes, self.pins, self.kept = chip, routes, homes, pins, kept
        # All that a form depends on besides its layer, its tensors' homes and a pin, as one object for all chips that agree in it.
        ways = tuple((name, link.sources, link.targets) for name, link in chip.links.items())
        servers = tuple((resource.name, resource.addressed) for resource in routes.resources)
        self.depth = 2 if chip.compiler.double_buffering else 1
        self.costs: dict[tuple[str, Surroundings], Callable[[Work], Cost]] = {}
        self.begun: dict[int, Iterator[Form]] = {}  # of each layer, what comes after its simplest form
        self.settings: dict[str, Hashable] = {}
        self.scenes: dict[str, Hashable] = {}  # with the room that is free, which only says what fits and what stays
        for name, unit in chip.units.items():
            setting = ("setting", name, *chip.descriptions[name], chip.compiler, ways, servers, paces(chip) if cares(unit) else ())
            self.settings[name] = kept.get(setting, object)
            self.scenes[name] = kept.get(("scene", self.settings[name], free_of(unit.memories[0], chip, homes)), object)

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
        pins = tuple(sorted((name, pin.order, pin.tile) for name, pin in self.pins.items()))
        layers = tuple(layer for layer in layers if not layer.is_view)
        key = ("tried", layers, self.homes, *self.scenes.values(), pins)
        simplest = self._timed(self.kept.get((*key, ()), lambda: self._try(layers, ())), patience)
        unsettled = tuple(number for number in range(len(layers)) if not simplest.ends_at(number))
        costs = self._timed(self._tried_for(key, layers, unsettled), patience) if unsettled else simplest
        choices, first = [], 0
        for forms in costs.tried.forms:
            choices.append(costs.best(forms, first))
            first += len(forms)
        return tuple(choices)

    def _tried_for(self, key: tuple, layers: tuple[Layer, ...], unsettled: tuple[int, ...]) -> _Tried:
        """Return the simplest forms of all layers and all forms of some; those of slower chips, which left more unsettled, do as well."""
        known: set[int] = self.kept.get((*key, "unsettled"), set)
        known.update(unsettled)
        numbers = tuple(sorted(known))
        return self.kept.get((*key, numbers), lambda: self._try(layers, numbers))

    def _timed(self, tried: _Tried, patience: float) -> "_Seconds":
        """Return what forms take on this chip."""
        speeds = np.array([self.routes.seconds(server, 1) for server in tried.servers])
        bursts = tuple(self.routes.resources[server].parameters[QUANTUM] for server in tried.servers)
        waits, added = self.kept.get(("bursts", tried, bursts), lambda: tried.waits.in_bursts(np.array(bursts, np.float64), len(tried.amounts)))
        busy = np.add.reduceat((tried.amounts + added) * speeds, tried.place, axis=1)
        slowest = busy.max(axis=1)
        own = busy[np.arange(len(busy)), tried.own]
        latencies = np.array([[self.routes.latency(server, write) for server in tried.servers] for write in (False, True)])
        seconds = np.maximum(slowest + (busy.sum(axis=1) - slowest) / tried.parts, waits.round_trips(speeds, latencies, own, self.depth))
        # The unit itself bounds the layer: no other order makes it compute faster, and what follows is not looked at.
        enough = np.where(tried.ungrouped, GOOD_ENOUGH * own, -1.0)
        return _Seconds(tried, busy.tolist(), seconds.tolist(), enough.tolist(), waits.first_groups(speeds, latencies), patience)

    def _try(self, layers: tuple[Layer, ...], unsettled: tuple[int, ...]) -> _Tried:
        """Return all forms of the layers of these numbers, and the simplest of the others."""
        every = [self._forms(layer, number in unsettled) for number, layer in enumerate(layers)]
        flat = [form for forms in every for form in forms]
        columns = {key: i for i, key in enumerate(sorted({(place, server) for form in flat for place, server, _ in form.busy}))}
        places = {place: i for i, place in enumerate(dict.fromkeys(place for place, _ in columns))}
        amounts = np.zeros((len(flat), len(columns)))
        for row, form in enumerate(flat):
            for place, server, amount in form.busy:
                amounts[row, columns[place, server]] = amount
        servers = [server for _, server in columns]
        return _Tried(
            every, places, servers, amounts, np.array([[place for place, _ in columns].index(place) for place in places], np.int64),
            [places[place] for place, _ in columns],
            np.array([places[form.layer.unit] for form in flat], np.int64), np.array([form.pieces * form.groups for form in flat]), np.array([form.groups == 1 for form in flat]),
            waits_of(flat, servers, self.depth, self.chip.compiler),
        )  # fmt: skip

    def _forms(self, layer: Layer, every: bool) -> tuple[Form, ...]:
        """Return the forms of one layer that fit, or the simplest of them."""
        pin = self.pins.get(layer.name)
        homes, setting = self.homes, self.settings[layer.unit]
        tensors = (*layer.inputs, *layer.constants, *layer.outputs)
        where = tuple((homes.memory[t.name], homes.address(t), t.name in homes.callers) for t in tensors), homes.cascade_of(layer.index)
        keep = lambda key, make: self.kept.get(("form", layer, setting, where, *key), make)  # noqa: E731 what forms of every room have in common
        key = ("forms", layer, self.scenes[layer.unit], where, pin)

        def simplest() -> tuple[Form, ...]:
            self.begun[layer.index] = forms_of(layer, self.chip, self.routes, homes, lambda staged: self._cost(layer, staged), pin, keep)
            return tuple(islice(self.begun[layer.index], 1))

        def all_of_them() -> tuple[Form, ...]:
            first = self.kept.get((*key, False), simplest) if layer.index in self.begun else simplest()
            return (*first, *self.begun.pop(layer.index))

        forms = self.kept.get((*key, every), all_of_them if every else simplest)
        if not forms:
            working = self.chip.units[layer.unit].memories[0]
            raise AccelsimError(
                f"layer '{layer.name}' on {self.chip.name}",
                f"not even its smallest pieces fit what is free of '{working}' ({show(max(0, free_of(working, self.chip, self.homes)), 'B')})",
                "a larger working memory, or homes that the unit reads itself",
            )
        return forms

    def _cost(self, layer: Layer, staged: bool) -> Callable[[Work], Cost]:
        """Return what work costs on the layer's unit, given from where its operands come."""
        key = layer.unit, surroundings(layer, staged, self.chip, self.homes)
        if key not in self.costs:
            self.costs[key] = costs_of(self.chip.units[layer.unit].within(key[1]))
        return self.costs[key]


@dataclass(eq=False, slots=True)
class _Seconds:
    """What every form takes on one chip: of each place, in all, the most at which the search ends, and what its first group waits for.

    ``before`` is the form chosen for the layer before, and its seconds.
    """

    tried: _Tried
    busy: list[list[float]]
    seconds: list[float]
    enough: list[float]
    firsts: dict[int, list[tuple[float, int, bool]]]
    patience: float
    before: tuple[int, float] | None = None

    def ends_at(self, number: int) -> bool:
        """Return whether the search of a layer is sure to end at a form, even if nothing of its first group comes ahead."""
        return self.seconds[number] + self.patience * sum(arrives for arrives, _, _ in self.firsts.get(number, ())) <= self.enough[number]

    def best(self, forms: tuple[Form, ...], first: int) -> Choice:
        """Return the fastest of a layer's forms; they are numbered from ``first`` on."""
        taken: dict[int, float] = {}
        for number in range(first, first + len(forms)):
            taken[number] = self.seconds[number] + self.patience * sum(self._wait(*one) for one in self.firsts.get(number, ()))
            if taken[number] <= self.enough[number]:
                break
        chosen = min(taken, key=taken.__getitem__)
        form, self.before = forms[chosen - first], (chosen, taken[chosen])
        looked_at = {forms[number - first].name: seconds for number, seconds in taken.items()}
        ranked = sorted(looked_at.items(), key=lambda pair: (pair[0] != form.name, pair[1]))
        bound = {place: self.busy[chosen][self.tried.places[place]] for place, _, _ in form.busy}
        return form.chosen(bound, taken[chosen], tuple(ranked))

    def _wait(self, arrives: float, server: int, ahead: bool) -> float:
        """Return how long a layer waits for a group, less what comes while the layer before leaves the server free [s]."""
        if not ahead or self.before is None:
            return arrives
        number, seconds = self.before
        return max(0.0, arrives - max(0.0, seconds - self.busy[number][self.tried.place_of[server]]))
