"""Place a spiking network's neurons on cores under the limits of a core, and list the axons between cores."""

from collections.abc import Mapping

import numpy as np

from accelsim.base.errors import AccelsimError
from accelsim.base.quantities import show
from accelsim.graph.spiking_network import SpikingNetwork
from accelsim.graph.spiking_neurons import SourceNeuron
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses, SparseSynapses
from accelsim.hardware.spiking_core import INDEX_CODES, WEIGHT_CODES, SpikingCore, SpikingLimits, stored_bits
from accelsim.hardware.spiking_layout import SpikingLayout
from accelsim.kernels.spiking_axons import list_axons
from accelsim.kernels.spiking_records import Tables

WEIGHT_BITS = 8


def place_spiking(network: SpikingNetwork, tables: Tables, order: np.ndarray, chip: SpikingCore, cores: Mapping[str, int] | None = None) -> SpikingLayout:
    """Return a layout in which every population has cores of its own, its neurons evenly divided among them.

    Parameters
    ----------
    tables : Tables
        Of the network's program.
    order : ndarray
        The network's projection of each row of ``tables.projections``.
    cores : mapping of str to int, optional
        How many cores a population takes; by default the fewest that hold it.

    Raises
    ------
    AccelsimError
        A limit of the core, by name, with what is needed and what there is.
    """
    given = dict(cores or {})
    for name in given:
        network.population(name)
    counts = {p.name: given.get(p.name, -(-p.neurons // chip.limits.compartments)) for p in network.populations}
    why: dict[str, str] = {}
    while True:
        layout = lay_out(network, tables, order, divide(network, counts, chip, why), chip)
        excess = first_excess(layout, chip.limits)
        if excess is None:
            return layout
        population = _population_of(network, layout, excess[0])
        why[population] = excess[1]
        if population in given or counts[population] >= network.population(population).neurons:
            raise _refusal(network, population, excess, counts[population])
        counts[population] = min(max(counts[population] + 1, int(counts[population] * excess[2] / excess[3])), network.population(population).neurons)


def divide(network: SpikingNetwork, counts: Mapping[str, int], chip: SpikingCore, why: Mapping[str, str] | None = None) -> np.ndarray:
    """Return each neuron's core when each population takes the next ``counts`` cores in equal parts, the last one the rest.

    Parameters
    ----------
    why : mapping of str to str, optional
        The limits for which populations were spread over more cores than their neurons need, for the message.

    Raises
    ------
    AccelsimError
        More cores are needed than the chip has.
    """
    needed = sum(counts.values())
    if needed > chip.mesh.cores:
        spread = ", ".join(f"'{name}' takes {counts[name]} for its {limit}" for name, limit in (why or {}).items())
        raise AccelsimError(network.name, f"needs {needed} cores but the chip has {chip.mesh.cores} (limit: cores)", spread)
    core, first = [], 0
    for population in network.populations:
        parts = counts[population.name]
        share = max(population.neurons // parts, 1)
        core.append(first + np.minimum(np.arange(population.neurons) // share, parts - 1))
        first += parts
    return np.concatenate(core).astype(np.int32)


def lay_out(network: SpikingNetwork, tables: Tables, order: np.ndarray, core: np.ndarray, chip: SpikingCore) -> SpikingLayout:
    """Return the layout of neurons on given cores, limits not checked."""
    given = np.concatenate([np.full(p.neurons, isinstance(p.neuron, SourceNeuron)) for p in network.populations])
    n_cores = chip.mesh.cores
    visited = np.bincount(core[~given], minlength=n_cores)
    rank = np.zeros(core.size, np.int32)
    by_core = np.flatnonzero(~given)[np.argsort(core[~given], kind="stable")]
    rank[by_core] = np.arange(by_core.size) - np.repeat(np.cumsum(visited) - visited, visited) + 1
    rows, targets, synapses = _axons(tables, order, core, n_cores)
    kinds = tuple(_kind(q.synapses) for q in network.projections)
    blocks = _axon_bytes(network, chip.limits, targets, synapses, np.bincount(core, minlength=n_cores))
    memory = np.bincount(targets, blocks, n_cores).astype(np.int64)
    return SpikingLayout(core, rank, visited.astype(np.int64), rows, targets, synapses, kinds, blocks, memory)


def first_excess(layout: SpikingLayout, limits: SpikingLimits) -> tuple[int, str, int, int] | None:
    """Return (core, limit, needed, allowed) of the first core that exceeds a limit; None where all fit."""
    sources = np.repeat(np.arange(layout.core.size), np.diff(layout.axon_rows))
    size = layout.neurons.size
    needs = {
        "compartments": layout.neurons,
        "axons_in": np.bincount(layout.axon_core, minlength=size),
        "axons_out": np.bincount(layout.core[sources], layout.rank[sources] > 0, size).astype(np.int64),
        "synapse_memory": layout.synapse_bytes,
    }
    for name, need in needs.items():
        over = np.flatnonzero(need > getattr(limits, name))
        if over.size:
            return int(over[0]), name, int(need[over[0]]), int(getattr(limits, name))
    return None


def _axons(tables: Tables, order: np.ndarray, core: np.ndarray, n_cores: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    capacity = 4 * core.size
    while True:
        rows = np.zeros(core.size + 1, np.int64)
        targets, synapses = np.zeros(capacity, np.int32), np.zeros((capacity, max(order.size, 1)), np.int64)
        scratch = np.zeros((max(order.size, 1), n_cores), np.int64)
        count = list_axons(tables.populations, tables.projections, tables.rows, tables.targets, core, order, scratch, rows, targets, synapses)
        if count <= capacity:
            return rows, targets[:count], synapses[:count, : order.size]
        capacity = count


def _axon_bytes(network: SpikingNetwork, limits: SpikingLimits, targets: np.ndarray, synapses: np.ndarray, neurons: np.ndarray) -> np.ndarray:
    index = np.array([stored_bits(int(n - 1).bit_length(), INDEX_CODES) for n in np.maximum(neurons, 1)])[targets]
    bits = np.full(targets.size, limits.header_bits, np.int64)
    for column, projection in zip(synapses.T, network.projections, strict=True):
        delay = _delay_bits(network, projection, limits)
        width = stored_bits(projection.weight_bits or WEIGHT_BITS, WEIGHT_CODES) + delay
        bits += column * (width + (0 if isinstance(projection.synapses, DenseSynapses) else index))
    return -(-bits // limits.word_bits) * limits.word_bits // 8


def _delay_bits(network: SpikingNetwork, projection, limits: SpikingLimits) -> int:
    own = projection.synapses.delays if isinstance(projection.synapses, SparseSynapses) else None
    longest = max(projection.delay - 1, 0) + (int(own.max()) if own is not None and own.size else 0)
    if longest > limits.longest_delay:
        raise AccelsimError(
            f"{network.name}: projection '{projection.name}'", f"has a delay of {longest} steps; at most {limits.longest_delay} (limit: longest_delay)"
        )
    return longest.bit_length()


def _kind(synapses) -> str:
    if isinstance(synapses, DenseSynapses):
        return "dense"
    return "convolution" if isinstance(synapses, ConvolutionSynapses) else "sparse"


def _population_of(network: SpikingNetwork, layout: SpikingLayout, core: int) -> str:
    first = int(np.flatnonzero(layout.core == core)[0])
    return [p.name for p in network.populations][int(np.searchsorted(list(network.starts.values()), first, side="right")) - 1]


def _refusal(network: SpikingNetwork, population: str, excess: tuple[int, str, int, int], cores: int) -> AccelsimError:
    _, limit, needed, allowed = excess
    numbers = (show(needed, "B"), show(allowed, "B")) if limit == "synapse_memory" else (needed, allowed)
    return AccelsimError(f"{network.name}: population '{population}'", f"on {cores} cores needs {numbers[0]} of {numbers[1]} on one core (limit: {limit})")
