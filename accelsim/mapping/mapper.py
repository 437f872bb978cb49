"""Graph + chip -> how every layer is done, and Plans of it: cold or warm, one inference or many."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from accelsim.base.errors import AccelsimError, guess
from accelsim.graph.graph import Graph
from accelsim.hardware.chip import Chip
from accelsim.mapping.caches import with_caches
from accelsim.mapping.candidates import Pin
from accelsim.mapping.cascades import Cascade
from accelsim.mapping.choice import Choice
from accelsim.mapping.converted_weights import with_converted_weights
from accelsim.mapping.depth_first import cascades_of, pinned_cascades
from accelsim.mapping.emit import inference, prologue
from accelsim.mapping.fabric import over_fabric
from accelsim.mapping.homes import Homes, plan_homes
from accelsim.mapping.idle_channels import without_idle_channels
from accelsim.mapping.kept import kept_of
from accelsim.mapping.layers import Layer, layers_of
from accelsim.mapping.plan import Plan
from accelsim.mapping.routes import Routes
from accelsim.mapping.succession import succession_of
from accelsim.mapping.tasks import repeat
from accelsim.mapping.tiling import Tiler
from accelsim.mapping.weight_coding import with_coded_weights


# Shares of a working memory that activations leave to staging, tried in turn until every layer fits.
KEPT_FREE = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Way:
    """What is left open when a network is mapped; ``alternatives.py`` says which ways are tried.

    Attributes
    ----------
    kept_free : tuple of float
        Shares of a working memory that activations leave to staging, tried in turn until every layer fits.
    cascading : bool
        Do layers depth first where the tool chain knows it.
    patience : float
        Share of the wait for a layer's first constants that counts in its predicted time; the less, the fewer groups.
    rooms : tuple of (str, float)
        Memories of which only so much is used [B].
    """

    kept_free: tuple[float, ...] = KEPT_FREE
    cascading: bool = True
    patience: float = 1.0
    rooms: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class NetworkMapping:
    """A network on a chip, before time.

    Attributes
    ----------
    layers : tuple of Layer
    choices : tuple of Choice
        One per layer that does something (views do not).
    homes : Homes
    in_flight : int
        Inferences whose activations fit the memories at once (at most 2).
    first_choices : tuple of Choice
        Those of a first inference that finds empty caches; empty where the chip has no caches.
    """

    chip: Chip
    graph: Graph
    layers: tuple[Layer, ...]
    choices: tuple[Choice, ...]
    homes: Homes
    routes: Routes
    in_flight: int
    first_choices: tuple[Choice, ...] = ()
    _template: dict = field(default_factory=dict, repr=False)

    def plan(self, frames: int = 1, period_ps: int = 0, cold: bool = False) -> Plan:
        """Return the Plan of some inferences.

        Parameters
        ----------
        frames : int
        period_ps : int
            Time between releases [ps]; 0: back to back.
        cold : bool
            Start with an empty chip. Of several inferences even the first counts as if the caches had seen the one before.
        """
        first_alone = cold and frames == 1 and bool(self.first_choices)
        if first_alone not in self._template:
            succession = succession_of(self.graph, self.layers, self.homes)
            self._template[first_alone] = inference(self.chip, self.routes, self.homes, succession, self.first_choices if first_alone else self.choices)
        first = prologue(self.chip, self.routes, self.homes) if cold else None
        return repeat(self._template[first_alone], tuple(self.routes.resources), frames, period_ps, self.in_flight, first)


def map_graph(graph: Graph, chip: Chip, pins: Mapping[str, Pin] | None = None, way: Way = Way()) -> NetworkMapping:
    """Return the mapping of a network on a chip.

    Parameters
    ----------
    pins : mapping of layer name to Pin, optional
        Decisions that the user took.

    Raises
    ------
    AccelsimError
        An operator that no unit does, or a footprint above a capacity.
    """
    graph = with_coded_weights(without_idle_channels(graph) if chip.compiler.removes_idle_channels else graph, chip)
    graph = with_converted_weights(graph, chip)
    layers = layers_of(graph, chip)
    for name in pins or {}:
        if name not in {layer.name for layer in layers}:
            raise AccelsimError("--mapping", f"no layer of '{graph.name}' is called '{name}'", guess(name, [layer.name for layer in layers]))
    routes = Routes(chip)
    homes, choices = _homes_and_choices(graph, layers, _with_rooms(chip, way), routes, pins or {}, way)
    rooms = [chip.memories[m].capacity for m in homes.peak]
    doubled = all(c is None or homes.used(m) + homes.peak[m] <= c for m, c in zip(homes.peak, rooms, strict=True))
    passing = with_caches(choices, chip, routes, homes)
    first = () if passing is choices else over_fabric(with_caches(choices, chip, routes, homes, cold=True), chip, routes)
    passing = over_fabric(passing, chip, routes)
    return NetworkMapping(chip, graph, layers, passing, homes, routes, 2 if doubled and chip.compiler.double_buffering else 1, first)


def changes(mapping: NetworkMapping, way: Way, pins: Mapping[str, Pin] | None = None) -> bool:
    """Return whether another way of no less patience may map a network otherwise: tensors that lie alike are moved alike."""
    chip = _with_rooms(mapping.chip, way)
    cascades = _cascades(mapping.graph, mapping.layers, chip, pins or {}, way)
    return plan_homes(mapping.graph, mapping.layers, chip, way.kept_free[0], cascades) is not mapping.homes


def _with_rooms(chip: Chip, way: Way) -> Chip:
    """Return the chip with no more of its memories than is used."""
    if not way.rooms:
        return chip
    memories = dict(chip.memories) | {name: chip.memories[name].model_copy(update={"capacity": room}) for name, room in way.rooms}
    return replace(chip, file=chip.file.model_copy(update={"memories": memories}))


def _homes_and_choices(
    graph: Graph, layers: tuple[Layer, ...], chip: Chip, routes: Routes, pins: Mapping[str, Pin], way: Way
) -> tuple[Homes, tuple[Choice, ...]]:
    """Give activations the working memory as far as the layers still find room for staging."""
    refused: AccelsimError | None = None
    cascades = _cascades(graph, layers, chip, pins, way)
    for kept_free in way.kept_free:
        try:
            homes = plan_homes(graph, layers, chip, kept_free, cascades)
            return homes, Tiler(chip, routes, homes, pins, kept_of(graph)).choose(layers, way.patience)
        except AccelsimError as error:
            refused = refused or error
    raise refused


def _cascades(graph: Graph, layers: tuple[Layer, ...], chip: Chip, pins: Mapping[str, Pin], way: Way) -> tuple[Cascade, ...]:
    return pinned_cascades(graph, layers, pins) if pins else cascades_of(graph, layers, chip) if way.cascading else ()
