"""Do spikes, counts and states follow from the rules in the head?"""

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError
from accelsim.functional.spiking import cleared, execute_spiking
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spike_record import spike_train
from accelsim.graph.spiking_network import Population, Projection, make_network
from accelsim.graph.spiking_neurons import LinearNeuron, LoihiNeuron, SigmaDeltaNeuron, SourceNeuron, relay
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses, one_to_one, pool_synapses, sparse_from_pairs
from accelsim.graph.spiking_weights import bias_of, effective_weights

ADDS = LinearNeuron(voltage_kept=1.0, threshold=np.inf)


def run(populations, projections, steps, inputs=(), **given):
    network = make_network("test", populations, projections, inputs=inputs)
    return execute_spiking(compile_network(network), steps, **given)


def fed(synapses, neuron, given, steps=None, **facts):
    """Run sources into one population; return its raster, the record and the final state."""
    given = np.atleast_2d(given)
    target = Population("n", (synapses.targets,), neuron)
    projection = Projection("p", "in", "n", synapses, **facts)
    padded = np.zeros((steps or given.shape[0], given.shape[1]), given.dtype)
    padded[: given.shape[0]] = given
    record, state = run([Population("in", (synapses.sources,), SourceNeuron()), target], [projection], padded.shape[0], spikes={"in": spike_train(padded)})
    return record.raster("n"), record, state


def test_a_compartment_spikes_above_its_threshold_and_not_at_it():
    at = LoihiNeuron(threshold=64)
    for neuron, expected in ((at, 0), (LoihiNeuron(threshold=64, threshold_inclusive=True), 1), (LoihiNeuron(threshold=63), 1)):
        assert fed(DenseSynapses(np.array([[64]])), neuron, [[1], [0]])[0].sum() == expected


def test_a_spike_arrives_one_step_after_it_was_sent_and_later_with_a_delay():
    neuron = LoihiNeuron(threshold=10)
    for delay, arrival in ((1, 1), (4, 4)):
        raster, _, _ = fed(DenseSynapses(np.array([[64]])), neuron, [[1]], steps=6, delay=delay)
        assert np.flatnonzero(raster[:, 0]).tolist() == [arrival]


def test_a_refractory_compartment_rests_for_its_steps():
    neuron = LoihiNeuron(threshold=10, refractory=3)
    raster, _, _ = fed(DenseSynapses(np.array([[64]])), neuron, np.ones((10, 1)))
    assert np.flatnonzero(raster[:, 0]).tolist() == [1, 4, 7]


def test_a_bias_alone_makes_a_regular_spiker():
    record, _ = run([Population("n", (2,), LoihiNeuron(threshold=100, bias=np.array([51, 26])))], [], 8)
    assert np.flatnonzero(record.raster("n")[:, 0]).tolist() == [1, 3, 5, 7]
    assert np.flatnonzero(record.raster("n")[:, 1]).tolist() == [3, 7]


def test_the_voltage_is_clipped_or_wraps_at_24_bits():
    for overflow, expected in (("clip", 2**23 - 1), ("wrap", -(2**24) + 3 * 4_000_000)):
        _, state = run([Population("n", (1,), LoihiNeuron(threshold=2**30, bias=4_000_000, overflow=overflow))], [], 3)
        assert state.state.voltage[0] == expected


def test_a_voltage_below_the_lowest_stays_there():
    _, state = run([Population("n", (1,), LoihiNeuron(threshold=9, bias=-50, lowest=-120))], [], 9)
    assert state.state.voltage[0] == -120


def test_current_and_voltage_decay_toward_zero_in_4096ths():
    neuron = LoihiNeuron(current_decay=1024, voltage_decay=2048, threshold=10**6)
    _, _, state = fed(DenseSynapses(np.array([[-1001]])), neuron, [[1]], steps=4)
    # u: -1001, -750, -562; v: -1001, -500 - 750, -625 - 562.
    assert (state.state.current[-1], state.state.voltage[-1]) == (-562, -1187)


def test_a_subtracting_reset_keeps_the_excess():
    record, state = run([Population("n", (1,), LoihiNeuron(threshold=100, bias=130, reset="subtract"))], [], 1)
    assert (record.neuron.size, state.state.voltage[0]) == (1, 30)


def test_an_exponent_on_the_sum_differs_from_one_on_each_weight():
    mantissas = np.array([[3], [3]])
    each = fed(DenseSynapses(effective_weights(mantissas, -2)), LoihiNeuron(threshold=10**6), [[1, 1]], steps=2)[2]
    on_sum = fed(DenseSynapses(mantissas * 64), LoihiNeuron(threshold=10**6, sum_exponent=-2), [[1, 1]], steps=2)[2]
    assert (each.state.voltage[-1], on_sum.state.voltage[-1]) == (0, 96)


def test_weights_keep_the_precision_that_their_sign_mode_leaves():
    assert effective_weights(np.array([5, -5, 254]), 0).tolist() == [4 * 64, -4 * 64, 254 * 64]
    assert effective_weights(np.array([5, 255]), 0, sign_mode="excitatory").tolist() == [5 * 64, 255 * 64]
    assert effective_weights(np.array([7]), 0, bits=6, sign_mode="excitatory").tolist() == [4 * 64]
    assert effective_weights(np.array([254]), 7).tolist() == [254 * 64 * 128]
    assert bias_of(-4095, 7) == -4095 * 128


@pytest.mark.parametrize("mantissa, exponent, mode", [(256, 0, "mixed"), (-1, 0, "excitatory"), (1, 0, "inhibitory"), (1, 8, "mixed")])
def test_weights_outside_their_range_are_refused(mantissa, exponent, mode):
    with pytest.raises(AccelsimError, match="outside"):
        effective_weights(np.array([mantissa]), exponent, sign_mode=mode)


def test_sigma_delta_sends_a_change_once_it_is_large_enough():
    given = np.array([[5], [1], [1], [1]], np.int32)
    neuron = SigmaDeltaNeuron(threshold=3 * 64, activation="relu", state_exponent=6)
    raster, _, state = fed(DenseSynapses(np.array([[64]])), neuron, given, steps=5)
    # Activations 5, 6, 7, 8 (times 64): 5 is sent at once, then 3 when three single changes have gathered.
    assert raster[:, 0].tolist() == [0, 5, 0, 0, 3]
    assert state.state.residue[0] == 0


def test_a_negative_activation_sends_nothing_through_a_relu():
    raster, _, _ = fed(DenseSynapses(np.array([[-64]])), SigmaDeltaNeuron(threshold=1), [[3]], steps=2)
    assert not raster.any()


def test_a_graded_input_is_multiplied_by_the_weights():
    _, _, state = fed(DenseSynapses(np.array([[2.0], [3.0]])), ADDS, np.array([[5.0, 7.0]]), delay=0)
    assert state.state.voltage[-1] == 2 * 5 + 3 * 7


def test_a_relay_passes_values_on_in_the_same_step():
    populations = [Population("in", (2,), SourceNeuron()), Population("r", (2,), relay(bias=1.0)), Population("n", (1,), ADDS)]
    projections = [Projection("a", "in", "r", one_to_one(np.array([2.0, 3.0])), 0), Projection("b", "r", "n", DenseSynapses(np.array([[1.0], [10.0]])), 0)]
    _, state = run(populations, projections, 1, spikes={"in": spike_train(np.array([[1.0, 1.0]]))})
    assert state.state.voltage[-1] == 3 + 40


def test_pooling_sums_its_window():
    pool = pool_synapses((4, 4, 2), (2, 2), (2, 2), weight=1.0)
    given = np.zeros((4, 4, 2))
    given[0, 0, 0] = given[1, 1, 0] = given[3, 3, 1] = 1
    _, record, state = fed(pool, ADDS, given.reshape(1, -1), delay=0)
    assert state.state.voltage[-8:].reshape(2, 2, 2)[..., 0].tolist() == [[2, 0], [0, 0]]
    assert state.state.voltage[-8:].reshape(2, 2, 2)[1, 1, 1] == 1 and record.events.sum() == 3


def test_a_convolution_equals_its_expanded_synapses():
    random = np.random.default_rng(3)
    conv = ConvolutionSynapses(random.standard_normal((3, 3, 2, 4)), (6, 5, 2), (2, 1), (1, 1))
    pairs = [(s, t, w) for s in range(60) for t, w in row_of(conv, s)]
    sources, targets, weights = (np.array(column) for column in zip(*pairs, strict=True))
    sparse = sparse_from_pairs(sources, targets, weights, 60, conv.targets)
    given = random.random((3, 60)) < 0.4
    a, b = (fed(s, ADDS, given) for s in (conv, sparse))
    np.testing.assert_allclose(a[2].state.voltage, b[2].state.voltage)
    assert a[1].events.sum() == b[1].events.sum() and conv.synapses == sparse.synapses


def row_of(conv, source):
    alone = np.zeros((1, conv.sources))
    alone[0, source] = 1
    voltage = fed(conv, ADDS, alone, delay=0)[2].state.voltage[conv.sources :]
    return [(t, voltage[t]) for t in np.flatnonzero(voltage)]


def test_two_receptors_decay_at_their_own_rates():
    neuron = LinearNeuron(current_kept=(0.5, 0.0), current_gain=(1.0, 10.0), voltage_kept=0.0)
    populations = [Population("in", (1,), SourceNeuron()), Population("n", (1,), neuron)]
    projections = [Projection(str(r), "in", "n", DenseSynapses(np.ones((1, 1))), 0, receptor=r) for r in (0, 1)]
    record, _ = run(populations, projections, 3, spikes={"in": spike_train(np.array([[1.0], [0], [0]]))}, probes=[1])
    assert record.probed_voltage[:, 0].tolist() == [11.0, 0.5, 0.25]


def test_a_run_in_two_parts_is_the_run_in_one():
    random = np.random.default_rng(5)
    neuron = LoihiNeuron(current_decay=500, voltage_decay=100, threshold=3000, refractory=2)
    network = make_network(
        "r", [Population("n", (30,), neuron)], [Projection("p", "n", "n", DenseSynapses(random.integers(-9, 10, (30, 30)) * 64), delay=3)], inputs=("n",)
    )
    program, drive = compile_network(network), random.integers(0, 900, (40, 30))
    whole, end = execute_spiking(program, 40, drive={"n": drive})
    first, middle = execute_spiking(program, 17, drive={"n": drive[:17]})
    second, last = execute_spiking(program, 23, drive={"n": drive[17:]}, state=middle)
    assert np.array_equal(whole.neuron, np.concatenate([first.neuron, second.neuron])) and whole.neuron.size > 50
    assert all(np.array_equal(a, b) for a, b in zip(end.state, last.state, strict=True) if a.ndim == 1)


def test_counts_do_not_depend_on_how_neurons_are_grouped():
    random = np.random.default_rng(6)
    network = make_network("g", [Population("n", (700,), LoihiNeuron(threshold=900, voltage_decay=64))], [], inputs=("n",))
    drive = {"n": random.integers(0, 300, (20, 700)) * (random.random((20, 700)) < 0.2)}
    records = [execute_spiking(compile_network(network, groups), 20, drive=drive)[0] for groups in (None, np.repeat([0, 1], 350), np.arange(700) % 3)]
    assert len({(r.updates.sum(), r.neuron.sum()) for r in records}) == 1
    for record in records:
        for spike, before in zip(record.neuron, record.updates_before, strict=True):
            assert 1 <= before <= record.updates[:, record.groups[spike]].max()


def test_a_crowd_of_spikes_outgrows_the_first_buffer():
    record, _ = run([Population("n", (300,), LoihiNeuron(threshold=1, bias=5))], [], 50)
    assert record.neuron.size == 300 * 50 and np.array_equal(np.diff(record.rows), np.full(50, 300))


def test_clearing_a_population_leaves_the_others():
    network = make_network("c", [Population(n, (2,), LoihiNeuron(threshold=99, bias=7)) for n in "ab"], [])
    _, state = execute_spiking(compile_network(network), 3)
    assert cleared(state, network, "b").state.voltage.tolist() == [21, 21, 0, 0]


@pytest.mark.parametrize(
    "projection, message",
    [
        (Projection("p", "a", "b", DenseSynapses(np.ones((3, 2)))), "has 3 sources"),
        (Projection("p", "b", "a", DenseSynapses(np.ones((2, 2))), delay=0), "arrives before it is sent"),
        (Projection("p", "a", "b", DenseSynapses(np.ones((2, 2))), receptor=1), "no receptor 1"),
        (Projection("p", "a", "c", DenseSynapses(np.ones((2, 2)))), "'c' is not one of a, b"),
    ],
)
def test_a_projection_that_does_not_fit_is_refused(projection, message):
    with pytest.raises(AccelsimError, match=message):
        make_network("t", [Population(n, (2,), LoihiNeuron()) for n in "ab"], [projection])


def test_integer_and_float_neurons_do_not_mix():
    with pytest.raises(AccelsimError, match="one arithmetic"):
        make_network("t", [Population("a", (2,), LoihiNeuron()), Population("b", (2,), ADDS)], [])


def test_fractions_are_not_weights_of_an_integer_network():
    with pytest.raises(AccelsimError, match="not 32-bit integers"):
        fed(DenseSynapses(np.array([[0.5]])), LoihiNeuron(), [[1]])


def test_spikes_for_a_population_that_takes_none_are_refused():
    with pytest.raises(AccelsimError, match="is not one of"):
        run([Population("n", (2,), LoihiNeuron())], [], 1, spikes={"n": spike_train(np.ones((1, 2), bool))})
