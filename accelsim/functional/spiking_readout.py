"""Which class a spiking network names after each step."""

import numpy as np

from accelsim.graph.spike_record import SpikeRecord
from accelsim.graph.spiking_network import SpikingNetwork
from accelsim.graph.spiking_neurons import LARGEST_VOLTAGE, LinearNeuron, LoihiNeuron


def readout_of(network: SpikingNetwork) -> str:
    """Return how the output is read: the largest "voltage" where its neurons never spike, otherwise most "spikes" so far."""
    neuron = network.population(network.outputs[0]).neuron
    never = np.inf if isinstance(neuron, LinearNeuron) else LARGEST_VOLTAGE
    silent = isinstance(neuron, LinearNeuron | LoihiNeuron) and np.all(np.asarray(neuron.threshold) >= never)
    return "voltage" if silent else "spikes"


def output_probes(network: SpikingNetwork) -> np.ndarray:
    """Return the neurons whose voltages a readout needs."""
    population = network.population(network.outputs[0])
    return network.starts[population.name] + np.arange(population.neurons) if readout_of(network) == "voltage" else np.zeros(0, np.int64)


def classes_over_time(record: SpikeRecord) -> np.ndarray:
    """Return the class after each step of a run that probed ``output_probes``, shape (steps,); of equal ones the first."""
    if readout_of(record.network) == "voltage":
        return record.probed_voltage.argmax(axis=1)
    return np.cumsum(record.raster(record.network.outputs[0]), axis=0).argmax(axis=1)
