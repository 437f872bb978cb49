"""Are the integers those of lava-dl's chip traces and of brian2-loihi?"""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from accelsim.functional.spiking import cleared, execute_spiking, start
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spike_record import spike_train
from accelsim.graph.spiking_network import Population, Projection, make_network
from accelsim.graph.spiking_neurons import LoihiNeuron, SourceNeuron
from accelsim.graph.spiking_synapses import DenseSynapses
from accelsim.graph.spiking_weights import effective_weights
from accelsim.importers.lava_net import load_lava_net

pytest.importorskip("h5py")
SHARED = Path(__file__).resolve().parents[3] / "shared"
SNN, MNIST = SHARED / "models" / "snn", SHARED / "data" / "mnist"
PILOTNET = SNN / "pilotnet_lif_golden"
needs_jit = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="minutes without the compiler")
GOLDEN = Path(__file__).parent / "golden" / "brian2_loihi.npz"
needs_pilotnet = pytest.mark.skipif(not PILOTNET.exists(), reason="lava-dl's PilotNet traces are not there (../shared/models/snn)")
needs_mnist = pytest.mark.skipif(
    not (SNN / "lava_bootstrap_mnist_network.net").exists() or not MNIST.exists(), reason="the MNIST network or digits are not there"
)


@needs_pilotnet
@needs_jit
def test_every_spike_of_pilotnet_on_the_chip_is_reproduced():
    network = load_lava_net(PILOTNET / "network.net", spikes_in=True)
    layers = dict(zip([p.name for p in network.populations[1:]], ("conv-0", "conv-1", "conv-2", "conv-3", "conv-4", "fc-0", "fc-1"), strict=False))
    given = np.load(PILOTNET / "input.npy").transpose(3, 1, 0, 2)
    golden = {name: np.load(PILOTNET / f"{file}.npy") for name, file in layers.items()}
    program = compile_network(network)
    state, different = start(program), dict.fromkeys(layers, 0)
    for step in range(given.shape[0]):
        for depth, name in enumerate([p.name for p in network.populations[1:]], 1):
            if step >= depth and (step - depth) % 17 == 0:  # the recording reset layer n every 17 steps, from step n on
                state = cleared(state, network, name)
        record, state = execute_spiking(program, 1, {"input": spike_train(given[step : step + 1])}, state=state)
        for name, trace in golden.items():
            expected = trace[..., step].swapaxes(0, 1).ravel() if trace.ndim == 4 else trace[..., step]
            different[name] += int((record.raster(name)[0] != expected).sum())
    assert different == dict.fromkeys(layers, 0)


def mnist(path, offset, shape):
    return np.frombuffer(gzip.open(path).read(), np.uint8, offset=offset).reshape(shape)


def classified(digits):
    """Return right answers and mean spikes per digit and layer of the first test digits in 16 steps."""
    network = load_lava_net(SNN / "lava_bootstrap_mnist_network.net", delay=0, threshold_inclusive=True)
    program = compile_network(network)
    images, labels = mnist(MNIST / "t10k-images-idx3-ubyte.gz", 16, (-1, 784)), mnist(MNIST / "t10k-labels-idx1-ubyte.gz", 8, -1)
    right, spikes = 0, np.zeros(4)
    for image, label in zip(images[:digits], labels[:digits], strict=True):
        record, state = execute_spiking(program, 16, drive={"input": np.rint(network.populations[0].drive(image / 255))})
        right += int(state.state.voltage[-10:].argmax() == label)
        spikes += record.spike_counts().sum(axis=0)
    return right, spikes / digits


@needs_mnist
def test_the_first_trained_digit_is_read():
    assert classified(1)[0] == 1


@needs_mnist
@needs_jit
def test_the_trained_digits_are_read_with_the_published_spikes():
    right, spikes = classified(2000)
    assert right == 1974
    assert np.rint(spikes[:3]).tolist() == [1617, 1145, 2281]


@pytest.mark.parametrize("case", range(3))
def test_random_recurrent_networks_are_those_of_brian2_loihi(case):
    recorded = {name.rsplit("_", 1)[0]: array for name, array in np.load(GOLDEN).items() if name.endswith(f"_{case}")}
    exponent, refractory, decay_current, decay_voltage = (int(p) for p in recorded["parameters"])
    neuron = LoihiNeuron(decay_current, decay_voltage, 300 * 64, refractory=refractory)
    inputs, neurons = recorded["forward"].shape
    populations = [Population("in", (inputs,), SourceNeuron()), Population("n", (neurons,), neuron)]
    projections = [
        Projection("forward", "in", "n", DenseSynapses(effective_weights(recorded["forward"], exponent))),
        Projection("back", "n", "n", DenseSynapses(effective_weights(recorded["back"], exponent))),
    ]
    program = compile_network(make_network("random", populations, projections))
    steps = recorded["voltage"].shape[0]
    record, _ = execute_spiking(program, steps, {"in": spike_train(recorded["given"])}, probes=inputs + np.arange(neurons))
    assert np.array_equal(record.probed_voltage, recorded["voltage"])
    # Its monitor reads the current after the step's decay.
    current = record.probed_current.astype(np.int64)
    assert np.array_equal(np.sign(current) * (np.abs(current) * (4096 - decay_current) >> 12), recorded["current"])
    assert np.array_equal(record.raster("n")[1:], recorded["fired"][: steps - 1]) and record.neuron.size > 300
