"""Do whole networks run, and reach cores, as their expanded synapses say?"""

import naive_spiking as naive
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spiking_network import Population, Projection, make_network
from accelsim.graph.spiking_neurons import LoihiNeuron
from accelsim.graph.spiking_synapses import ConvolutionSynapses, DenseSynapses, sparse_from_pairs
from accelsim.kernels.spiking_axons import count_targets, list_axons

STEPS = 25


def random_network(random):
    """Return two maps and a dense layer, joined by a convolution, dense weights and delayed sparse ones, and all its synapses."""
    conv = ConvolutionSynapses(random.integers(-30, 60, (2, 3, 2, 3)) * 64, (3, 4, 2), (1, 1), (1, 0))
    shapes, kinds = ((3, 4, 2), conv.out_shape, (5,)), []
    for _ in shapes:
        kinds.append(
            LoihiNeuron(
                int(random.integers(0, 4097)),
                int(random.integers(0, 4097)),
                int(random.integers(500, 5000)),
                int(random.integers(-50, 300)),
                int(random.integers(1, 4)),
            )
        )
    populations = [Population(name, shape, kind) for name, shape, kind in zip("abc", shapes, kinds, strict=True)]
    dense = DenseSynapses(random.integers(-20, 40, (conv.targets, 5)) * 64)
    k = 15
    sparse = sparse_from_pairs(random.integers(0, 5, k), random.integers(0, 24, k), random.integers(-30, 60, k) * 64, 5, 24, random.integers(0, 4, k))
    projections = [Projection("back", "c", "a", sparse, 2), Projection("conv", "a", "b", conv, 1), Projection("dense", "b", "c", dense, 3)]
    network = make_network("random", populations, projections, inputs=("a",))
    b, c = 24, 24 + conv.targets
    listed = [
        (s, b + t, int(w), 1)
        for s, t, w in naive.convolution_synapses(conv.weights, conv.in_shape, conv.out_shape, conv.stride, conv.padding, conv.dilation, 1)
    ]
    listed += [(b + s, c + t, int(dense.weights[s, t]), 3) for s in range(conv.targets) for t in range(5)]
    listed += [
        (c + s, int(sparse.columns[i]), int(sparse.weights[i]), 2 + int(sparse.delays[i])) for s in range(5) for i in range(sparse.rows[s], sparse.rows[s + 1])
    ]
    return network, listed


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_network_fires_as_its_synapses_one_by_one(seed):
    random = np.random.default_rng(seed)
    network, synapses = random_network(random)
    drive = np.zeros((STEPS, network.neurons), int)
    drive[:, :24] = random.integers(0, 900, (STEPS, 24))
    record, _ = execute_spiking(compile_network(network), STEPS, drive={"a": drive[:, :24]})
    neurons = []
    for population in network.populations:
        kind = population.neuron
        plain = {
            "current_kept": 4096 - kind.current_decay,
            "voltage_kept": 4096 - kind.voltage_decay,
            "threshold": kind.threshold,
            "bias": kind.bias,
            "rest": kind.refractory,
        }
        neurons += [plain] * population.neurons
    expected = naive.run_compartments(neurons, synapses, drive.tolist(), STEPS, 10)
    assert list(zip(np.repeat(np.arange(STEPS), np.diff(record.step_rows)).tolist(), record.neuron.tolist(), strict=True)) == expected


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_axons_are_the_synapses_counted_by_core(seed):
    random = np.random.default_rng(seed)
    network, synapses = random_network(random)
    program, core = compile_network(network), random.integers(0, 4, network.neurons).astype(np.int32)
    tables, kinds = program.tables, program.projection_order
    rows, targets, served = np.zeros(network.neurons + 1, np.int64), np.zeros(4 * network.neurons, np.int32), np.zeros((4 * network.neurons, 3), np.int64)
    count = list_axons(tables.populations, tables.projections, tables.rows, tables.targets, core, kinds, np.zeros((3, 4), np.int64), rows, targets, served)
    expected = naive.axons([(s, t) for s, t, _, _ in synapses], core.tolist())
    found = {n: {int(targets[a]): int(served[a].sum()) for a in range(rows[n], rows[n + 1])} for n in range(network.neurons) if rows[n + 1] > rows[n]}
    assert found == expected and count == rows[-1]
    one = np.zeros(4, np.int64)
    conv = int(np.flatnonzero(kinds == 1)[0])
    count_targets(tables.projections[conv], tables.rows, tables.targets, core, 0, one)
    assert one.sum() == sum(s == 0 for s, _, _, _ in synapses)
