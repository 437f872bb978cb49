"""Is a lava-dl file read as it was written, and refused by name where it cannot be?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.importers.lava_net import load_lava_net

h5py = pytest.importorskip("h5py")


def write(path, layers):
    with h5py.File(path, "w") as file:
        for i, layer in enumerate(layers):
            for key, value in layer.items():
                file[f"layer/{i}/{key}"] = value
    return path


NEURON = {"neuron/type": b"CUBA", "neuron/iDecay": 4096, "neuron/vDecay": 100, "neuron/vThMant": 80, "neuron/refDelay": 2}
INPUT = {"type": b"input", "shape": [2, 1, 3], "weight": 3.0, "bias": 1.0} | NEURON
DENSE = {"type": b"dense", "shape": [2], "weight": np.arange(12.0).reshape(2, 6), "bias": np.array([1.0, -2.0])} | NEURON


def test_mantissas_become_units_of_the_voltage(tmp_path):
    network = load_lava_net(write(tmp_path / "n.net", [INPUT, DENSE]))
    source, dense = network.populations
    assert source.shape == (1, 3, 2) and source.drive(np.array([0.0, 1.0])).tolist() == [-128.0, 256.0]
    assert (dense.neuron.threshold, dense.neuron.refractory, dense.neuron.bias.tolist()) == (80 * 64, 2, [64, -128])


def test_dense_weights_follow_the_files_order_of_channels(tmp_path):
    synapses = load_lava_net(write(tmp_path / "n.net", [INPUT, DENSE])).projections[0].synapses
    # The file counts (channel, row, column); the network (row, column, channel).
    assert (synapses.weights[:, 0] // 64).tolist() == [0, 3, 1, 4, 2, 5]


def test_a_weight_exponent_scales_the_weights(tmp_path):
    synapses = load_lava_net(write(tmp_path / "n.net", [INPUT, DENSE | {"neuron/wgtExp": -1}])).projections[0].synapses
    assert (synapses.weights[:, 1] // 64).tolist() == [3, 4, 3, 5, 4, 5]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"type": b"pool"}, "layer type 'pool' is not imported"),
        ({"neuron/type": b"SDNN"}, "neuron type 'SDNN' is not imported"),
        ({"delay": np.array([0, 1])}, "axonal delays"),
        ({"neuron/gradedSpike": True}, "graded spikes"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused_by_name(tmp_path, change, message):
    with pytest.raises(UnsupportedError, match=message):
        load_lava_net(write(tmp_path / "n.net", [INPUT, DENSE | change]))


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text.net").write_text("no")
    with h5py.File(tmp_path / "empty.net", "w"):
        pass
    for name, message in (("text.net", "not an HDF5 file"), ("none.net", "no such file"), ("empty.net", "no group 'layer'")):
        with pytest.raises(AccelsimError, match=message):
            load_lava_net(tmp_path / name)
