"""Does a NIR file compute what its equations say?"""

from pathlib import Path

import numpy as np
import pytest

from accelsim.base.errors import AccelsimError, UnsupportedError
from accelsim.functional.spiking import execute_spiking
from accelsim.functional.spiking_program import compile_network
from accelsim.graph.spike_record import spike_train
from accelsim.importers.nir import load_nir, network_of

nir = pytest.importorskip("nir")
SNN = Path(__file__).resolve().parents[3] / "shared" / "models" / "snn"
needs_samples = pytest.mark.skipif(not SNN.exists(), reason="the NIR samples are not there (../shared/models/snn)")
DT = 1e-3


def chain(*nodes, shape, out=(1,), edges=None):
    """Return a graph of nodes one after another."""
    named = {"in": nir.Input({"input": np.array(shape)})} | {f"n{i}": node for i, node in enumerate(nodes)} | {"out": nir.Output({"output": np.array(out)})}
    return nir.NIRGraph(named, edges or list(zip(list(named)[:-1], list(named)[1:], strict=True)), type_check=False)


def voltages(graph, given, reset="value"):
    """Return the voltage of the last population after every step."""
    network = network_of(graph, "test", DT, reset)
    last = network.population(network.outputs[0])
    given = np.asarray(given, np.float64)
    flat = np.moveaxis(given, 1, -1) if given.ndim == 4 else given
    probes = network.starts[last.name] + np.arange(last.neurons)
    record, _ = execute_spiking(compile_network(network), given.shape[0], {"in": spike_train(flat)}, probes=probes)
    return record.probed_voltage, record.raster(last.name)


LINE = np.arange(1.0, 5).reshape(2, 2)
MAP = np.arange(32.0).reshape(1, 2, 4, 4)
TAU, R, LEAK = np.full(2, 0.01), np.array([5.0, 7.0]), np.array([0.0, 0.5])
CONV = np.random.default_rng(0).standard_normal((3, 2, 3, 3))


def convolved(x, weights):
    return np.array([[[(x[:, i : i + 3, j : j + 3] * w).sum() for j in range(2)] for i in range(2)] for w in weights])


@pytest.mark.parametrize(
    "node, given, expected",
    [
        (nir.Linear(LINE), [[1.0, 10.0]], [[21.0, 43.0]]),
        (nir.Affine(LINE, np.array([0.5, -0.5])), [[1.0, 10.0]], [[21.5, 42.5]]),
        (nir.Scale(np.array([2.0, 3.0])), [[1.0, 10.0]], [[2.0, 30.0]]),
        (nir.Delay(np.array([DT, 2 * DT])), [[1.0, 10.0], [0, 0], [0, 0]], [[0, 0], [1, 0], [0, 10]]),
        (nir.I(R), [[1.0, 1.0], [0, 1.0]], [[5, 7], [5, 14]]),
        (nir.LI(TAU, R, LEAK), [[1.0, 2.0], [0, 0]], [[0.5, 1.45], [0.45, 1.355]]),
        (nir.Threshold(np.array([1.0, 2.0])), [[1.0, 3.0]], [[1.0, 3.0]]),
        (nir.Conv2d((4, 4), CONV, 1, 0, 1, 1, np.zeros(3)), MAP, convolved(MAP[0], CONV).transpose(1, 2, 0).reshape(1, -1)),
        (nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])), MAP, MAP[0].reshape(2, 2, 2, 2, 2).sum((2, 4)).transpose(1, 2, 0).reshape(1, -1)),
        (
            nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
            MAP,
            MAP[0].reshape(2, 2, 2, 2, 2).mean((2, 4)).transpose(1, 2, 0).reshape(1, -1),
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, (list, np.ndarray)) else "",
)
def test_a_node_computes_its_equation(node, given, expected):
    shape = np.shape(given)[1:]
    np.testing.assert_allclose(voltages(chain(node, shape=shape), given)[0], np.reshape(expected, np.shape(expected)), atol=1e-12)


def test_a_one_dimensional_convolution_slides_along_the_length():
    weights = np.array([[[1.0, 10.0]], [[2.0, 0.0]]])
    node = nir.Conv1d(4, weights, 1, 0, 1, 1, np.array([0.0, 100.0]))
    given = np.array([[[1.0, 2.0, 3.0, 4.0]]])
    network = network_of(chain(node, shape=(1, 4)), "test", DT)
    record, state = execute_spiking(compile_network(network), 1, {"in": spike_train(given.reshape(1, -1))})
    assert state.state.voltage[-6:].reshape(3, 2).T.tolist() == [[21, 32, 43], [102, 104, 106]]


def test_flatten_keeps_the_files_order_of_channels():
    weights = np.arange(32.0).reshape(1, 32)
    graph = chain(nir.Scale(np.ones((2, 4, 4))), nir.Flatten({"input": np.array([2, 4, 4])}, 0, -1), nir.Linear(weights), shape=(2, 4, 4))
    assert voltages(graph, MAP)[0][0, 0] == (MAP.ravel() * np.arange(32)).sum()


def test_an_if_neuron_fires_and_resets_to_its_value_or_by_its_threshold():
    graph = chain(nir.IF(np.ones(2), np.array([2.5, 100.0]), np.zeros(2)), shape=(2,))
    for reset, left in (("value", [0.0, 3.0]), ("subtract", [0.5, 3.0])):
        voltage, spikes = voltages(graph, np.ones((3, 2)), reset)
        assert voltage[-1].tolist() == left and spikes.sum() == 1


@pytest.mark.parametrize("kind", ["LIF", "CubaLI", "CubaLIF"])
def test_leaky_neurons_follow_forward_euler(kind):
    tau, r, leak, threshold, tau_syn, w_in = 0.02, 6.0, 0.1, 1.0, 0.005, 1.5
    one = np.ones(1)
    node = {
        "LIF": lambda: nir.LIF(tau * one, r * one, leak * one, threshold * one, 0 * one),
        "CubaLI": lambda: nir.CubaLI(tau_syn * one, tau * one, r * one, leak * one, w_in * one),
        "CubaLIF": lambda: nir.CubaLIF(tau_syn * one, tau * one, r * one, leak * one, threshold * one, 0 * one, w_in * one),
    }[kind]()
    given = (np.random.default_rng(1).random((60, 1)) < 0.5).astype(float)
    v = i = 0.0
    expected = []
    for s in given[:, 0]:
        i = i + DT / tau_syn * (w_in * s - i) if kind.startswith("Cuba") else s
        v = v + DT / tau * (leak - v + r * i)
        v = 0.0 if kind.endswith("LIF") and v > threshold else v
        expected.append(v)
    np.testing.assert_allclose(voltages(chain(node, shape=(1,)), given)[0][:, 0], expected, atol=1e-12)


def test_a_loop_acts_one_step_later():
    nodes = {
        "in": nir.Input({"input": np.array([1])}),
        "n": nir.IF(np.ones(1), np.array([0.5]), np.zeros(1)),
        "w": nir.Linear(np.ones((1, 1))),
        "out": nir.Output({"output": np.array([1])}),
    }
    graph = nir.NIRGraph(nodes, [("in", "n"), ("n", "w"), ("w", "n"), ("n", "out")], type_check=False)
    _, spikes = voltages(graph, [[1.0], [0], [0], [0]])
    assert spikes[:, 0].tolist() == [1, 1, 1, 1]


def test_a_graph_inside_a_graph_is_refused_by_name():
    inner = chain(nir.Linear(LINE), shape=(2,))
    with pytest.raises(UnsupportedError, match="'NIRGraph' is not imported"):
        network_of(chain(inner, shape=(2,)), "test")


def test_every_other_node_type_of_nir_is_known():
    from accelsim.importers.nir import KNOWN

    types = {name for name, thing in vars(nir.ir).items() if isinstance(thing, type) and issubclass(thing, nir.ir.NIRNode)} - {"NIRNode"}
    assert types - set(KNOWN) == {"NIRGraph"} and len(types) == 19


def test_a_file_that_is_not_nir_is_refused(tmp_path):
    (tmp_path / "x.nir").write_text("no")
    for path in (tmp_path / "x.nir", tmp_path / "none.nir"):
        with pytest.raises(AccelsimError, match="NIR file|no such file"):
            load_nir(path)


@needs_samples
def test_the_braille_network_runs_as_its_dense_recurrence():
    network = load_nir(SNN / "nir_braille_rnn.nir", reset="subtract")
    given = (np.random.default_rng(2).random((200, 12)) < 0.1).astype(float)
    record, _ = execute_spiking(compile_network(network), 200, {"input": spike_train(given)})
    nodes = nir.read(SNN / "nir_braille_rnn.nir").nodes
    state = {name: [np.zeros(n), np.zeros(n)] for name, n in (("lif1.lif", 40), ("lif2", 7))}
    fired, expected = np.zeros(40), []
    for x in given:
        fired = euler(nodes["lif1.lif"], state["lif1.lif"], nodes["fc1"].weight @ x + nodes["lif1.w_rec"].weight @ fired)
        expected.append(euler(nodes["lif2"], state["lif2"], nodes["fc2"].weight @ fired))
    assert np.array_equal(record.raster("lif2"), np.array(expected)) and np.sum(expected) > 20


def euler(node, state, given, dt=1e-4):
    state[0] += dt / node.tau_syn * (node.w_in * given - state[0])
    state[1] += dt / node.tau_mem * (node.v_leak - state[1] + node.r * state[0])
    fired = state[1] > node.v_threshold
    state[1] -= fired * node.v_threshold
    return fired.astype(float)


@needs_samples
def test_the_sinabs_network_runs():
    network = load_nir(SNN / "nir_cnn_sinabs.nir", reset="subtract")
    given = np.random.default_rng(3).random((8, 34 * 34 * 2)) < 0.05
    record, _ = execute_spiking(compile_network(network), 8, {"input": spike_train(given)})
    assert [p.shape for p in network.populations][:3] == [(34, 34, 2), (16, 16, 16), (16, 16, 16)]
    assert (record.spike_counts()[:, :5].sum(axis=0) > 0).all()
