"""A spiking network as loaded: populations and projections; no state, no chip."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from accelsim.base.errors import AccelsimError, not_one_of
from accelsim.graph.spiking_neurons import LinearNeuron, LoihiNeuron, Neuron, SigmaDeltaNeuron, SourceNeuron
from accelsim.graph.spiking_synapses import Synapses


@dataclass(frozen=True, eq=False, slots=True)
class Population:
    """Neurons of one kind.

    Attributes
    ----------
    shape : tuple of int
        (neurons,) or (height, width, channels), channels last.
    drive_scale, drive_offset : float
        The file's encoding of an input x of 0..1 as a current: scale * x + offset.
    """

    name: str
    shape: tuple[int, ...]
    neuron: Neuron
    drive_scale: float = 1.0
    drive_offset: float = 0.0

    def drive(self, values: np.ndarray) -> np.ndarray:
        """Return the currents that encode input values of 0..1."""
        return self.drive_scale * values + self.drive_offset

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return int(np.prod(self.shape))


@dataclass(frozen=True, eq=False, slots=True)
class Projection:
    """Synapses from one population to another.

    Attributes
    ----------
    delay : int
        Steps from a spike to its arrival; 0 is the same step and needs the source to stand before the target.
    receptor : int
        Which of the target's synaptic currents it feeds.
    weight_bits : int
        Bits of one stored weight, for the synapse memory; 0 for a float network.
    """

    name: str
    source: str
    target: str
    synapses: Synapses
    delay: int = 1
    receptor: int = 0
    weight_bits: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class SpikingNetwork:
    """Populations in the order in which a step visits them, and their projections.

    Attributes
    ----------
    inputs, outputs : tuple of str
        Populations that are given spikes or currents, and those to read.
    labels : tuple of str
        Class names where the file carries them.
    time_step : float
        Biological time of one step [s]; 0 where it has none.
    """

    name: str
    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    time_step: float = 0.0
    source: str = ""
    notes: tuple[str, ...] = field(default=())

    def population(self, name: str) -> Population:
        """Return a population by name."""
        for population in self.populations:
            if population.name == name:
                return population
        raise not_one_of(f"{self.name}: population", name, [p.name for p in self.populations])

    @property
    def starts(self) -> dict[str, int]:
        """The first network-wide neuron number of each population."""
        sizes = np.cumsum([0] + [p.neurons for p in self.populations])
        return {p.name: int(start) for p, start in zip(self.populations, sizes, strict=False)}

    @property
    def neurons(self) -> int:
        """Neurons of all populations."""
        return sum(p.neurons for p in self.populations)

    @property
    def synapses(self) -> int:
        """Connections of all projections."""
        return sum(q.synapses.synapses for q in self.projections)

    @property
    def is_integer(self) -> bool:
        """True where the network computes in integers."""
        return any(isinstance(p.neuron, (LoihiNeuron, SigmaDeltaNeuron)) for p in self.populations)


def make_network(name: str, populations: Iterable[Population], projections: Iterable[Projection], **facts) -> SpikingNetwork:
    """Return a network after checking that names exist, sizes fit, and nothing must arrive before it is sent.

    Raises
    ------
    AccelsimError
    """
    populations, projections = tuple(populations), tuple(projections)
    network = SpikingNetwork(name, populations, projections, **facts)
    order = {p.name: i for i, p in enumerate(populations)}
    if len(order) != len(populations):
        raise AccelsimError(name, "two populations have one name")
    kinds = {_arithmetic(p) for p in populations} - {"either"}
    if len(kinds) > 1:
        raise AccelsimError(name, "integer and float neurons stand in one network", "a network computes in one arithmetic")
    for q in projections:
        place = f"{name}: projection '{q.name}'"
        source, target = network.population(q.source), network.population(q.target)
        for side, population, found in (("source", source, q.synapses.sources), ("target", target, q.synapses.targets)):
            if population.neurons != found:
                raise AccelsimError(place, f"has {found} {side}s but population '{population.name}' has {population.neurons} neurons")
        if q.delay < 0 or (q.delay == 0 and order[q.source] >= order[q.target]):
            raise AccelsimError(place, f"delay {q.delay} arrives before it is sent", "a projection backwards or to itself needs a delay of 1 or more")
        receptors = len(target.neuron.current_kept) if isinstance(target.neuron, LinearNeuron) else 1
        if isinstance(target.neuron, SourceNeuron) or not 0 <= q.receptor < receptors:
            raise AccelsimError(place, f"population '{q.target}' has no receptor {q.receptor}")
    for wanted in (*network.inputs, *network.outputs):
        network.population(wanted)
    return network


def _arithmetic(population: Population) -> str:
    if isinstance(population.neuron, SourceNeuron):
        return "either"
    return "float" if isinstance(population.neuron, LinearNeuron) else "integer"
