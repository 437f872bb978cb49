"""Are counts, time and energy of the DVS gesture network those of SANA-FE's calibrated Loihi?"""

import os
from importlib.resources import files

import numpy as np
import pytest
from test_spiking_chip_files import ALL_DENSE

from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spiking_network import Population, Projection, SpikingNetwork, make_network
from accelsim.graph.spiking_neurons import LinearNeuron
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses
from accelsim.hardware.chip_files import load_chip_file
from accelsim.hardware.spiking_service import dynamic_energy, serve_spike_steps
from accelsim.mapping.spiking_placement import first_excess, lay_out, place_spiking

pytest.importorskip("sanafe", reason="the DVS network comes with SANA-FE's package")
pytestmark = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="hours without the compiler")
STEPS = 1000
CORES = (1, 4, 16, 16, 4, 1)


def dvs_network() -> SpikingNetwork:
    """Return the network of the package's file: four convolutions and a dense layer of integrate-and-fire neurons."""
    data = np.load(files("sanafe.examples") / "dvs_challenge.npz")
    layers = [ConvolutionSynapses(data["conv1"].astype(float), (32, 32, 1), (2, 2))]
    for name in ("conv2", "conv3", "conv4"):
        layers.append(ConvolutionSynapses(data[name].astype(float), layers[-1].out_shape))
    # Its neurons count (channel, row, column); ours (row, column, channel).
    dense = data["dense1"].astype(float).reshape(11, 9, 9, 11).transpose(1, 2, 0, 3).reshape(891, 11)
    shapes = [(32, 32, 1), *(layer.out_shape for layer in layers), (11,)]
    biases = [data["inputs"].astype(float)] + [0.0] * 5
    populations = [
        Population(f"layer{i}", shape, LinearNeuron(voltage_kept=1.0, threshold=float(threshold), bias=bias))
        for i, (shape, threshold, bias) in enumerate(zip(shapes, data["thresholds"], biases, strict=True))
    ]
    projections = [Projection(f"p{i}", f"layer{i}", f"layer{i + 1}", synapses) for i, synapses in enumerate([*layers, DenseSynapses(dense)])]
    return make_network("dvs", populations, projections)


def its_cores(network: SpikingNetwork) -> np.ndarray:
    """Return the tutorial's mapping: each layer in equal runs of its own numbering."""
    found, first = [], 0
    for population, parts in zip(network.populations, CORES, strict=True):
        n = population.neurons
        number = np.arange(n)
        if len(population.shape) == 3:
            height, width, channels = population.shape
            number = number.reshape(channels, height, width).transpose(1, 2, 0).ravel()
        found.append(first + np.minimum(number // (n // parts), parts - 1))
        first += parts
    return np.concatenate(found).astype(np.int32)


@pytest.fixture(scope="module")
def network():
    return dvs_network()


@pytest.fixture(scope="module")
def run(network):
    program, described = compile_network(network), load_chip_file("loihi_calibrated", ALL_DENSE).units["cores"]
    layout = lay_out(network, program.tables, program.projection_order, its_cores(network), described)
    record, _ = execute_spiking(compile_network(network, layout.core), STEPS)
    return described, layout, record, serve_spike_steps(described, layout, record)


def test_every_count_is_equal(run):
    _, _, record, service = run
    counts = service.counts()
    assert record.neuron.size == counts["spike"] == 365_277
    assert record.events.sum() == 51_549_374
    assert counts["message_out"] == 2_482_643
    assert counts["neuron_update"] == 15_539_753
    assert counts["column_hop"] + counts["row_hop"] == 4_741_519


def test_dynamic_energy_is_equal(run):
    described, _, _, service = run
    energy = dynamic_energy(described, service)
    assert sum(energy.values()) == pytest.approx(3.440570683e-3, rel=1e-9)
    assert energy["synaptic_event_dense"] + energy["synaptic_event_convolution"] == pytest.approx(1.830002777e-3, rel=1e-9)


def test_time_is_within_five_percent(run):
    service = run[3]
    assert service.time * 1e-12 == pytest.approx(25.885154e-3, rel=0.05)


def test_its_mapping_exceeds_the_incoming_axons_of_a_core_and_another_fits(network, run):
    described, layout, _, _ = run
    assert first_excess(layout, described.limits)[1:] == ("axons_in", 5408, 4096)
    program = compile_network(network)
    fitting = place_spiking(network, program.tables, program.projection_order, described)
    assert first_excess(fitting, described.limits) is None and 42 < fitting.used_cores().size <= 128
