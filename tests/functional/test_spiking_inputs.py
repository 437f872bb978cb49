"""Do values become the currents and spikes that stand for them?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.spiking_inputs import evenly_spaced, random_stimulus, recorded_stimulus, stimuli_of_values
from accelsim.graph.spiking_network import Population, make_network
from accelsim.graph.spiking_neurons import LoihiNeuron, SourceNeuron


def network(neuron):
    return make_network("n", [Population("in", (2, 2, 1), neuron, drive_scale=100.0, drive_offset=1.0)], [], inputs=("in",), outputs=("in",))


def test_a_rate_is_kept_and_its_spikes_are_evenly_spaced():
    train = evenly_spaced(np.array([0.0, 0.25, 0.5, 1.0]), 8)
    steps = np.repeat(np.arange(8), np.diff(train.rows))
    assert [steps[train.neuron == n].tolist() for n in range(4)] == [[], [3, 7], [1, 3, 5, 7], list(range(8))]


def test_neurons_take_values_as_rounded_currents():
    (stimulus,) = stimuli_of_values(network(LoihiNeuron()), np.array([[0.0, 0.104, 0.5, 1.0]]), 3, "test")
    assert stimulus.drive["in"].tolist() == [1, 11, 51, 101] and stimulus.spikes == {}


def test_pixels_are_shares_of_white():
    (stimulus,) = stimuli_of_values(network(LoihiNeuron()), np.array([[0, 51, 102, 255]], np.uint8), 3, "test")
    assert stimulus.drive["in"].tolist() == [1, 21, 41, 101]


def test_recorded_spikes_are_given_as_they_are():
    array = np.zeros((3, 2, 2, 1), np.uint8)
    array[1, 0, 1] = 1
    stimulus = recorded_stimulus(network(SourceNeuron()), array, 3, "test")
    assert stimulus.spikes["in"].neuron.tolist() == [1] and stimulus.spikes["in"].rows.tolist() == [0, 0, 1, 1]


def test_random_input_is_the_same_for_the_same_seed():
    one, other, third = (random_stimulus(network(SourceNeuron()), 50, seed).spikes["in"].neuron.tolist() for seed in (1, 1, 2))
    assert one == other != third


@pytest.mark.parametrize(
    "values, message", [(np.full((1, 4), 1.5), "values of 1.5..1.5 are no rates"), (np.zeros((1, 5)), "5 values an item do not fit the 4 neurons")]
)
def test_what_no_rate_stands_for_is_refused(values, message):
    with pytest.raises(AccelsimError, match=message):
        stimuli_of_values(network(SourceNeuron()), values, 3, "--data own.npz")
