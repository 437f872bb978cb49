"""Does a network stand on cores within their limits, or is the limit named?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.base.schema import describe
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spiking_network import Population, Projection, make_network
from accelsim.graph.spiking_neurons import LoihiNeuron, SourceNeuron
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses, SparseSynapses
from accelsim.hardware.spiking_core import SpikingCore
from accelsim.mapping.spiking_placement import place_spiking

QUIET = LoihiNeuron()
FREE = {"time": "0 ns", "energy": "0 pJ"}
COSTS = {f"{event}_{what}": FREE[what] for event in ("access", "update") for what in FREE} | {"synapses": {"dense": FREE, "convolution": FREE, "sparse": FREE}}
HOPS = {f"{way}_hop_{what}": FREE[what] for way in ("column", "row") for what in FREE}
CHIP = {
    "limits": {"compartments": 1024, "axons_in": 4096, "axons_out": 4096, "synapse_memory": "128 KiB"},
    "costs": COSTS,
    "mesh": {"columns": 8, "rows": 4, "cores_per_tile": 4, "buffer": 16, "barrier": {"tiles": [1], "times": ["0 ns"]}} | HOPS,
}


def placed(populations, projections, cores=None):
    network = make_network("net", populations, projections)
    program = compile_network(network)
    return place_spiking(network, program.tables, program.projection_order, describe(SpikingCore, CHIP, "test chip"), cores)


def pair(sources, targets, **facts):
    weights = np.ones((sources, targets), np.int32)
    return [Population("a", (sources,), QUIET), Population("b", (targets,), QUIET)], [Projection("p", "a", "b", DenseSynapses(weights), **facts)]


def test_a_population_takes_the_fewest_cores_that_hold_its_compartments():
    layout = placed([Population("a", (2049,), QUIET)], [])
    assert layout.neurons[:4].tolist() == [683, 683, 683, 0]


def test_every_neuron_sends_one_axon_to_each_core_that_hears_it():
    layout = placed(*pair(5, 30), cores={"b": 3})
    assert np.diff(layout.axon_rows).tolist() == [3] * 5 + [0] * 30
    assert layout.axon_core[:3].tolist() == [1, 2, 3] and layout.axon_synapses[:3].ravel().tolist() == [10, 10, 10]


def test_synapse_memory_is_packed_into_words():
    # 10 synapses of 8 bits and 10 header bits: 90 bits, two words of 64 per axon; 5 axons on each of 3 cores.
    assert placed(*pair(5, 30), cores={"b": 3}).synapse_bytes[1:4].tolist() == [5 * 16] * 3
    # Seven weight bits are stored as eight; a delay of 4 steps, 3 beyond the first, needs 2 more: 110 bits.
    assert placed(*pair(5, 30, weight_bits=7, delay=4), cores={"b": 3}).synapse_bytes[1] == 5 * 16
    assert placed(*pair(5, 12, weight_bits=3), cores={"b": 1}).synapse_bytes[1] == 5 * 8


def test_a_convolution_reaches_only_the_cores_of_its_windows():
    conv = ConvolutionSynapses(np.ones((1, 3, 1, 2), np.int32), (1, 12, 1))
    populations = [Population("a", (1, 12, 1), QUIET), Population("b", conv.out_shape, QUIET)]
    layout = placed(populations, [Projection("p", "a", "b", conv)], cores={"b": 2})
    # Ten output columns, five a core: input columns 0..6 reach the first core, 5..11 the second.
    assert np.diff(layout.axon_rows)[:12].tolist() == [1] * 5 + [2, 2] + [1] * 5
    assert layout.axon_synapses.sum() == conv.synapses == 60


def test_a_population_spreads_until_its_synapses_fit():
    layout = placed(*pair(1000, 400))
    # 1000 axons of 400 synapses of 8 bits are 408,000 bytes: at least four cores of 131,072.
    assert np.unique(layout.core[1000:]).size == 4 and layout.synapse_bytes.max() <= 128 * 1024


@pytest.mark.parametrize(
    "sources, targets, cores, message",
    [
        (2, 1025, {"b": 1}, "needs 1025 of 1024 on one core .limit: compartments"),
        (5000, 2, {"b": 1}, "needs 5000 of 4096 on one core .limit: axons_in"),
        (1000, 5, {"b": 5, "a": 1}, "needs 5000 of 4096 on one core .limit: axons_out"),
        (2000, 100, {"b": 1}, "needs 208 kB of 131.1 kB on one core .limit: synapse_memory"),
        (132_000, 2, None, "needs 130 cores but the chip has 128 .limit: cores"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_limit(sources, targets, cores, message):
    with pytest.raises(AccelsimError, match=message):
        placed(*pair(sources, targets), cores=cores)


def test_a_delay_beyond_the_longest_is_refused():
    synapses = SparseSynapses(np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.int32), 1, np.array([63]))
    with pytest.raises(AccelsimError, match="limit: longest_delay"):
        placed([Population("a", (1,), QUIET), Population("b", (1,), QUIET)], [Projection("p", "a", "b", synapses)])


def test_neurons_whose_spikes_are_given_are_not_visited():
    layout = placed(
        [Population("in", (4,), SourceNeuron()), Population("b", (3,), QUIET)], [Projection("p", "in", "b", DenseSynapses(np.ones((4, 3), np.int32)))]
    )
    assert layout.rank.tolist() == [0, 0, 0, 0, 1, 2, 3] and layout.neurons.sum() == 3
