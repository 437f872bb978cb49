"""Does a weight grow when its source fires before its target, and shrink when it fires after?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.spiking_learning import BIT_EXACT, PairRule, execute_learning
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spike_record import spike_train
from accelsim.graph.spiking_network import Population, Projection, make_network
from accelsim.graph.spiking_neurons import LoihiNeuron, SourceNeuron
from accelsim.graph.spiking_synapses import DenseSynapses


def learned(source_step, target_step, steps=12):
    """One plastic synapse of mantissa 10; the target is made to fire by a drive."""
    populations = [Population("a", (1,), SourceNeuron()), Population("b", (1,), LoihiNeuron(voltage_decay=4096, threshold=5000))]
    network = make_network("pair", populations, [Projection("p", "a", "b", DenseSynapses(np.array([[10 * 64]])))], inputs=("b",))
    given, drive = np.zeros((steps, 1), bool), np.zeros((steps, 1), int)
    given[source_step], drive[target_step] = True, 6000
    return execute_learning(compile_network(network), PairRule("p"), steps, {"a": spike_train(given)}, {"b": drive})


def test_source_before_target_strengthens_and_after_weakens():
    before, after = learned(2, 4)[0][0, 0], learned(4, 2)[0][0, 0]
    # The trace of 64 keeps 0.9 of itself each of two steps: 57, 51; 51 * 16 / 256 = 3.
    assert (before, after) == (13, 7)


def test_the_closer_the_pair_the_larger_the_change():
    changes = [learned(2, t)[0][0, 0] - 10 for t in (3, 5, 9)]
    assert changes[0] > changes[1] > changes[2] > 0


def test_synaptic_updates_are_counted_for_their_energy():
    assert learned(2, 4)[2] == 2


def test_learning_says_that_it_is_not_bit_exact():
    assert BIT_EXACT is False


def test_only_a_dense_projection_of_integers_learns():
    network = make_network("n", [Population("a", (1,), LoihiNeuron())], [])
    with pytest.raises(AccelsimError, match="'p' is not a dense projection"):
        execute_learning(compile_network(network), PairRule("p"), 1)
