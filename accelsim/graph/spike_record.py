"""What a run of a spiking network left behind: spikes in compressed form and counts; it knows no time."""

from dataclasses import dataclass

import numpy as np

from accelsim.graph.spiking_network import SpikingNetwork


@dataclass(frozen=True, eq=False, slots=True)
class SpikeTrain:
    """Spikes given to one population, compressed by step.

    Attributes
    ----------
    rows : ndarray, shape (steps + 1,), int64
    neuron : ndarray, int32
        Ascending within a step.
    value : ndarray or None
        Payloads of graded spikes.
    """

    rows: np.ndarray
    neuron: np.ndarray
    value: np.ndarray | None = None

    @property
    def steps(self) -> int:
        """Time steps."""
        return self.rows.size - 1


def spike_train(dense: np.ndarray) -> SpikeTrain:
    """Return the compressed form of an array of shape (steps, neurons); non-zero entries are spikes and their payloads."""
    dense = dense.reshape(dense.shape[0], -1)
    step, neuron = np.nonzero(dense)
    rows = np.concatenate([[0], np.cumsum(np.bincount(step, minlength=dense.shape[0]))]).astype(np.int64)
    value = None if dense.dtype == np.bool_ else dense[step, neuron]
    return SpikeTrain(rows, neuron.astype(np.int32), value)


@dataclass(frozen=True, eq=False, slots=True)
class SpikeRecord:
    """Spikes, counts and probes of one run.

    Attributes
    ----------
    rows : ndarray, shape (steps * populations + 1,), int64
        Row pointers: the spikes of step t and population p are ``rows[t * populations + p]`` up to the next.
    neuron : ndarray, int32
        Network-wide numbers.
    value : ndarray
        Payloads; 1 for plain spikes.
    updates_before : ndarray, int32
        Active neurons of the spike's group up to and with it, in this step.
    events : ndarray, shape (steps, projections), int64
        Synaptic events, projections in the network's order.
    updates : ndarray, shape (steps, groups), int64
        Active neurons.
    groups : ndarray, shape (neurons,), int32
        Each neuron's group: its population, or its core once placed.
    probes : ndarray, int64
    probed_current, probed_voltage : ndarray, shape (steps, probes)
    """

    network: SpikingNetwork
    rows: np.ndarray
    neuron: np.ndarray
    value: np.ndarray
    updates_before: np.ndarray
    events: np.ndarray
    updates: np.ndarray
    groups: np.ndarray
    probes: np.ndarray
    probed_current: np.ndarray
    probed_voltage: np.ndarray

    @property
    def steps(self) -> int:
        """Time steps."""
        return self.events.shape[0]

    @property
    def step_rows(self) -> np.ndarray:
        """Row pointers of the spikes of each step, shape (steps + 1,)."""
        return self.rows[:: len(self.network.populations)]

    def spikes(self, population: str) -> SpikeTrain:
        """Return one population's spikes, numbered from its own first neuron."""
        p, n = [q.name for q in self.network.populations].index(population), len(self.network.populations)
        first, last = self.rows[p:-1:n], self.rows[p + 1 :: n]
        index = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)]) if self.steps else np.zeros(0, np.int64)
        rows = np.concatenate([[0], np.cumsum(last - first)])
        return SpikeTrain(rows, self.neuron[index] - np.int32(self.network.starts[population]), self.value[index])

    def raster(self, population: str) -> np.ndarray:
        """Return one population's payloads as an array of shape (steps, neurons)."""
        train = self.spikes(population)
        dense = np.zeros((self.steps, self.network.population(population).neurons), self.value.dtype)
        dense[np.repeat(np.arange(self.steps), np.diff(train.rows)), train.neuron] = train.value
        return dense

    def spike_counts(self) -> np.ndarray:
        """Return spikes per step and population, shape (steps, populations)."""
        return np.diff(self.rows).reshape(self.steps, len(self.network.populations))
