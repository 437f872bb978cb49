"""Where a spiking network's neurons stand, as the flat arrays that its time and energy are counted from."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False, slots=True)
class SpikingLayout:
    """Neurons on cores and the axons between them.

    Attributes
    ----------
    core, rank : ndarray, shape (neurons,), int32
        Each neuron's core and its place there, from 1; a neuron whose spikes are given has rank 0 and costs no visit.
    neurons : ndarray, shape (cores,), int64
        Neurons that each core visits.
    axon_rows : ndarray, shape (neurons + 1,), int64
    axon_core : ndarray, shape (axons,), int32
        Target cores of each neuron's axons, ascending.
    axon_synapses : ndarray, shape (axons, projections), int64
        Synapses behind each axon, by projection of the network.
    synapse_kinds : tuple of str
        Of each projection: "dense", "convolution" or "sparse".
    axon_bytes : ndarray, shape (axons,), int64
        Block of synapse memory that each axon's message reads [B].
    synapse_bytes : ndarray, shape (cores,), int64
        Synapse memory in use [B].
    """

    core: np.ndarray
    rank: np.ndarray
    neurons: np.ndarray
    axon_rows: np.ndarray
    axon_core: np.ndarray
    axon_synapses: np.ndarray
    synapse_kinds: tuple[str, ...]
    axon_bytes: np.ndarray
    synapse_bytes: np.ndarray

    def used_cores(self) -> np.ndarray:
        """Return the cores that hold neurons."""
        return np.unique(self.core)

    def used_tiles(self, cores_per_tile: int) -> int:
        """Return how many tiles hold neurons."""
        return np.unique(self.used_cores() // cores_per_tile).size
