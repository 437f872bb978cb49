"""What a spiking network is shown: values as currents or as evenly spaced spikes, recorded spikes, or random ones."""

from dataclasses import dataclass

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.graph.spike_record import SpikeTrain, spike_train
from accelsim.graph.spiking_network import SpikingNetwork
from accelsim.graph.spiking_neurons import SourceNeuron

RANDOM_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Stimulus:
    """The input of one inference, as ``execute_spiking`` takes it."""

    spikes: dict[str, SpikeTrain]
    drive: dict[str, np.ndarray]


def stimuli_of_values(network: SpikingNetwork, items: np.ndarray, steps: int, place: str) -> list[Stimulus]:
    """Return one stimulus per item of values in 0..1.

    An input population of neurons takes a value as its current; one whose spikes are given gets evenly spaced ones at that rate.

    Parameters
    ----------
    items : ndarray, shape (items, ...)
        As many values per item as the input population has neurons, channels last.

    Raises
    ------
    AccelsimError
        Another size, or values outside 0..1.
    """
    source = _only_input(network, place)
    items = np.asarray(items)
    if items.dtype == np.uint8:
        items = items / 255.0
    if items[0].size != source.neurons:
        raise AccelsimError(place, f"{items[0].size} values an item do not fit the {source.neurons} neurons of input '{source.name}' {source.shape}")
    if not np.isfinite(items).all() or items.min() < 0 or items.max() > 1:
        raise AccelsimError(place, f"values of {items.min():.3g}..{items.max():.3g} are no rates", "values of 0..1")
    rows = items.reshape(len(items), -1).astype(np.float64)
    if isinstance(source.neuron, SourceNeuron):
        return [Stimulus({source.name: evenly_spaced(row, steps)}, {}) for row in rows]
    currents = source.drive(rows)
    return [Stimulus({}, {source.name: row}) for row in (np.rint(currents) if network.is_integer else currents)]


def evenly_spaced(rates: np.ndarray, steps: int) -> SpikeTrain:
    """Return spikes at the steps at which a sum of the rate passes a whole number."""
    passed = np.floor(np.arange(steps + 1)[:, None] * rates)
    return spike_train(np.diff(passed, axis=0) > 0)


def recorded_stimulus(network: SpikingNetwork, array: np.ndarray, steps: int, place: str) -> Stimulus:
    """Return the stimulus of a user's array: (steps, neurons) of given spikes, or one item of values in 0..1."""
    source = _only_input(network, place)
    if isinstance(source.neuron, SourceNeuron) and array.ndim >= 2 and array.shape[0] == steps and array[0].size == source.neurons:
        return Stimulus({source.name: spike_train(array != 0 if array.dtype.kind != "f" else array)}, {})
    if array.size != source.neurons:
        raise AccelsimError(place, f"shape {array.shape} is neither {steps} steps of {source.neurons} spikes nor {source.neurons} values")
    return stimuli_of_values(network, array[None], steps, place)[0]


def random_stimulus(network: SpikingNetwork, steps: int, seed: int) -> Stimulus:
    """Return seeded input: each given neuron spikes with a probability of 0.1 a step, each driven one gets a value of 0..1."""
    random = np.random.default_rng(seed)
    spikes, drive = {}, {}
    for name in network.inputs:
        population = network.population(name)
        if isinstance(population.neuron, SourceNeuron):
            spikes[name] = spike_train(random.random((steps, population.neurons)) < RANDOM_RATE)
        else:
            currents = population.drive(random.random(population.neurons))
            drive[name] = np.rint(currents) if network.is_integer else currents
    return Stimulus(spikes, drive)


def _only_input(network: SpikingNetwork, place: str):
    if len(network.inputs) != 1:
        raise AccelsimError(place, f"{network.name} has {len(network.inputs)} inputs; one item feeds one")
    return network.population(network.inputs[0])
