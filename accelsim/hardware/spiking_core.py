"""Spiking cores on a mesh of tiles: what they hold, what each event costs in time and energy."""

from typing import Literal

import numpy as np

from accelsim.base.schema import Capacity, Count, CountOrZero, Described, Energy, Time, field

PS = 1e12
# Codes of a 3-bit field each: a width between two of them takes the next larger one.
WEIGHT_CODES = (0, 1, 2, 3, 4, 5, 6, 8)
INDEX_CODES = (0, 6, 7, 8, 9, 10, 11, 12)


class SpikingLimits(Described):
    """What one core holds.

    Synapse memory holds one block per incoming axon: n * (weight + delay + tag + index bits) + header bits, rounded up
    to whole words (nengo-loihi 1.1, ``nengo_loihi/block.py``, SynapseConfig).
    """

    compartments: Count = field("neurons of one core")
    axons_in: Count = field("incoming axons of one core")
    axons_out: Count = field("outgoing axons of one core")
    synapse_memory: Capacity = field("synapse memory of one core", unit="B")
    word_bits: Count = field("bits of one word of synapse memory", unit="bit", default=64)
    header_bits: CountOrZero = field("bits that every axon's block begins with", unit="bit", default=10)
    longest_delay: CountOrZero = field("largest synaptic delay", unit="steps", default=62)


class SynapseCost(Described):
    """One synaptic event."""

    time: Time = field("of one event", unit="s")
    energy: Energy = field("of one event", unit="J")


class Barrier(Described):
    """The synchronisation that ends a step, by the tiles in use."""

    tiles: tuple[Count, ...] = field("tiles at which it is known, ascending")
    times: tuple[Time, ...] = field("time at each", unit="s")
    between: Literal["step", "linear"] = field("holds up to the next entry, or straight lines", default="step")

    def time(self, tiles: int) -> float:
        """Return the time of one barrier [s]."""
        if self.between == "linear":
            return float(np.interp(tiles, self.tiles, self.times))
        return self.times[max(int(np.searchsorted(self.tiles, tiles, side="right")) - 1, 0)]


class SpikingCosts(Described):
    """Time and energy of each event inside a core.

    A core visits each of its neurons every step (access); one that has input, bias, current or voltage is also
    updated; one that fires costs a spike and one message per axon.
    """

    access_time: Time = field("visit of one neuron", unit="s")
    access_energy: Energy = field("visit of one neuron", unit="J")
    update_time: Time = field("in addition, of an active neuron", unit="s")
    update_energy: Energy = field("in addition, of an active neuron", unit="J")
    spike_time: Time = field("in addition, of a neuron that fires", unit="s", default=0.0)
    spike_energy: Energy = field("in addition, of a neuron that fires", unit="J", default=0.0)
    message_out_time: Time = field("one message to one core", unit="s", default=0.0)
    message_out_energy: Energy = field("one message to one core", unit="J", default=0.0)
    message_in_time: Time = field("one message received", unit="s", default=0.0)
    message_in_energy: Energy = field("one message received", unit="J", default=0.0)
    synapses: dict[Literal["dense", "convolution", "sparse"], SynapseCost] = field("synaptic events by how the synapses are stored")
    learning: SynapseCost | None = field("update of one synapse by pairwise STDP; null: not known", default=None)


class SpikingMesh(Described):
    """Tiles of cores under X-Y routing; tiles are numbered down the columns."""

    columns: Count = field("columns of tiles")
    rows: Count = field("rows of tiles")
    cores_per_tile: Count = field("cores of one tile")
    buffer: Count = field("packets that one router queue holds")
    column_hop_time: Time = field("hop between columns (east-west)", unit="s")
    column_hop_energy: Energy = field("hop between columns", unit="J")
    row_hop_time: Time = field("hop between rows (north-south)", unit="s")
    row_hop_energy: Energy = field("hop between rows", unit="J")
    local_time: Time = field("delivery inside a tile", unit="s", default=0.0)
    local_energy: Energy = field("delivery inside a tile", unit="J", default=0.0)
    barrier: Barrier = field("end of a step")

    @property
    def cores(self) -> int:
        """Cores of the chip."""
        return self.columns * self.rows * self.cores_per_tile

    @property
    def queues(self) -> int:
        """Router queues: four from neighbours, one from and one to each core, per tile."""
        return self.columns * self.rows * (4 + 2 * self.cores_per_tile)


class SpikingCore(Described):
    """A chip of spiking cores."""

    limits: SpikingLimits = field("what one core holds")
    costs: SpikingCosts = field("events inside a core")
    mesh: SpikingMesh = field("between cores")


def stored_bits(bits: int, codes: tuple[int, ...]) -> int:
    """Return the smallest storable width of at least ``bits``; the largest where none is."""
    return next((code for code in codes if code >= bits), codes[-1])


def in_ps(seconds: float) -> int:
    """Return a time in whole picoseconds."""
    return round(seconds * PS)
