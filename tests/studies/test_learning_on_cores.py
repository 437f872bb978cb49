"""Does learning on the cores cost its synaptic updates, and only where a chip states what one costs?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.pipeline import load_chip
from accelsim.studies.spiking_learning import learn_on_cores
from accelsim.studies.spiking_shown import Presentation

h5py = pytest.importorskip("h5py")
STEPS = 30


@pytest.fixture
def network(tmp_path):
    """Return a file of four inputs that reach three neurons, which spike at the second spike."""
    path = tmp_path / "tiny.net"
    with h5py.File(path, "w") as file:
        layer = file.create_group("layer/0")
        layer["type"], layer["shape"], layer["inFeatures"] = np.array([b"dense"]), np.array([3]), 4
        layer["weight"] = np.full((3, 4), 40)
        for name, value in (("type", b"LOIHI"), ("iDecay", 4096), ("vDecay", 0), ("vThMant", 60), ("refDelay", 1)):
            layer[f"neuron/{name}"] = value
    return str(path)


def learned(network, overrides=(), **shown):
    return learn_on_cores(load_chip("loihi", overrides), network, None, Presentation(steps=STEPS, **shown), 1)


def test_every_update_costs_its_energy_and_the_core_its_time(network):
    found = learned(network)
    # A source's spike touches its 3 synapses, a target's its 4.
    assert found.updates > 0 and found.changed > 0 and found.synapses == 12
    assert found.learning_j == pytest.approx(found.updates * 120e-12)
    assert found.learning_s == pytest.approx(found.updates * 6.1e-9)
    assert found.total_j == pytest.approx(found.spiking_j + found.learning_j + 0.104 * found.seconds) and found.grade == "published"


def test_dearer_updates_cost_in_proportion(network):
    one, other = learned(network), learned(network, ["units.cores.costs.learning.energy=240 pJ"])
    assert other.learning_j == pytest.approx(2 * one.learning_j) and other.spiking_j == one.spiking_j and other.updates == one.updates


@pytest.mark.parametrize(
    "chip, projection, message",
    [
        ("loihi_calibrated", None, "costs.learning: time and energy of a synaptic update are not known"),
        ("loihi", "nope", "projection: 'nope' is not one of input>dense-0"),
        ("ethos_u55_128", None, "runs no spiking networks"),
    ],
)
def test_learning_without_figures_or_projection_is_refused(network, chip, projection, message):
    with pytest.raises(AccelsimError, match=message):
        learn_on_cores(load_chip(chip), network, projection, Presentation(), 1)
